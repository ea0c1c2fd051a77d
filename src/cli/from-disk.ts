import { FailoverError } from "../errors.ts";
import type * as Disk from "./disk.ts";

/** The daemon's answer; when no daemon runs, what the disk still tells. */
export async function orFromDisk<T>(
  asked: () => Promise<T>,
  read: (disk: typeof Disk) => Promise<T>,
): Promise<T> {
  try {
    return await asked();
  } catch (thrown) {
    if (thrown instanceof FailoverError && thrown.code === "CF_DAEMON_DOWN")
      return read(await import("./disk.ts"));
    throw thrown;
  }
}
