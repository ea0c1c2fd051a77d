import { statfs } from "node:fs/promises";
import { nearestExisting } from "../accounts/adopt/device.ts";
import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("diskSpace");

/** What a disk still takes. */
export interface DiskRoom {
  readonly path: string;
  readonly freeBytes: number;
  /** Null where the file system does not count them. */
  readonly freeFiles: number | null;
}

/** Below this a journal entry may not fit any more. */
const BAD_BYTES = 64e6;
const WARN_BYTES = 1e9;
const BAD_FILES = 1_000;
const WARN_FILES = 20_000;

/** Whether journal and transcripts can be written: room on the disks of state and shared root. */
export const diskSpaceCheck: Check<BareScene> = {
  code: "diskSpace",
  look: async ({ places, config }) => {
    const paths = [places.stateDir, ...(config === null ? [] : [config.shared.root])];
    return (await Promise.all(paths.map(roomAt))).map(judgeDiskRoom);
  },
};

/** Pure. */
export function judgeDiskRoom({ path, freeBytes, freeFiles }: DiskRoom): Finding {
  const files = freeFiles ?? Number.POSITIVE_INFINITY;
  const room = `${Math.floor(freeBytes / 1e6).toLocaleString("en-US")} MB`;
  const entries = freeFiles === null ? "" : ` and ${freeFiles.toLocaleString("en-US")} files`;
  const text = `The disk of ${path} has room for ${room}${entries}.`;
  if (freeBytes < BAD_BYTES || files < BAD_FILES)
    return say.bad(text, "Free some: without room nothing is recorded and no switchover begins.");
  if (freeBytes < WARN_BYTES || files < WARN_FILES)
    return say.warn(text, "Free some before transcripts and journal fill it.");
  return say.ok(text);
}

async function roomAt(path: string): Promise<DiskRoom> {
  const { bavail, bsize, files, ffree } = await statfs(await nearestExisting(path));
  return { path, freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree };
}
