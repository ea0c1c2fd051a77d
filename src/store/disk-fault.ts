import { errnoOf, FailoverError } from "../errors.ts";

/** What the disk said about a file of the store, as CF_STORE_FULL or CF_STORE_UNWRITABLE. */
export function diskFault(path: string, cause: unknown): FailoverError {
  const errno = errnoOf(cause);
  const details = { file: path, errno: errno ?? null };
  if (errno === "ENOSPC" || errno === "EDQUOT")
    return new FailoverError("CF_STORE_FULL", `The disk of ${path} is full.`, { details, cause });
  const message = `${path} cannot be opened for writing (${errno ?? "unknown"}).`;
  return new FailoverError("CF_STORE_UNWRITABLE", message, { details, cause });
}
