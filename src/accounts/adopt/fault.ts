import { errnoOf, FailoverError } from "../../errors.ts";

/**
 * Runs a step of an adoption; a system error becomes `CF_ACCOUNT_ADOPT_DISK` with the path it is
 * about. What was done until then stays journaled.
 */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (thrown instanceof FailoverError || errno === undefined) throw thrown;
    const at = thrown instanceof Error && "path" in thrown ? String(thrown.path) : "the disk";
    throw new FailoverError("CF_ACCOUNT_ADOPT_DISK", `The adoption stopped at ${at}: ${errno}.`, {
      details: { path: at, errno },
      cause: thrown,
    });
  }
}
