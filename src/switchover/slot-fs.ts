import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  lutimesSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { errnoOf } from "../errors.ts";

export type EntryKind = "file" | "directory" | "link" | "other";

/** The few calls the slot is made of: one seam, so that a test can let any of them fail. */
export interface SlotFs {
  /** `lstat`: never follows. */
  readonly look: (path: string) => { readonly kind: EntryKind; readonly mtimeMs: number };
  readonly readlink: (path: string) => string;
  /** Every link resolved. */
  readonly realpath: (path: string) => string;
  /** `stat`: follows. */
  readonly isDirectory: (path: string) => boolean;
  readonly symlink: (target: string, path: string) => void;
  readonly rename: (from: string, to: string) => void;
  readonly unlink: (path: string) => void;
  readonly list: (directory: string) => string[];
  /** Sets access and modification time (epoch milliseconds) without following and without opening. */
  readonly setTimes: (path: string, mtimeMs: number) => void;
  /** Opens a directory so that `sync` makes its entries durable; `close` always follows. */
  readonly openDirectory: (path: string) => { sync(): void; close(): void };
}

export const nodeSlotFs: SlotFs = {
  look: (path) => {
    const stats = lstatSync(path);
    return { kind: kindOf(stats), mtimeMs: stats.mtimeMs };
  },
  readlink: (path) => readlinkSync(path),
  realpath: (path) => realpathSync.native(path),
  isDirectory: (path) => statSync(path).isDirectory(),
  symlink: (target, path) => symlinkSync(target, path),
  rename: (from, to) => renameSync(from, to),
  unlink: (path) => unlinkSync(path),
  list: (directory) => readdirSync(directory),
  setTimes: (path, mtimeMs) => lutimesSync(path, mtimeMs / 1000, mtimeMs / 1000),
  openDirectory: (path) => {
    const handle = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    return { sync: () => syncDirectory(handle), close: () => closeSync(handle) };
  },
};

function kindOf(stats: ReturnType<typeof lstatSync>): EntryKind {
  if (stats?.isSymbolicLink() === true) return "link";
  if (stats?.isDirectory() === true) return "directory";
  return stats?.isFile() === true ? "file" : "other";
}

/** Some file systems cannot sync a directory and say so; there is nothing better to do there. */
function syncDirectory(handle: number): void {
  try {
    fsyncSync(handle);
  } catch (thrown) {
    if (!["EINVAL", "ENOTSUP"].includes(errnoOf(thrown) ?? "")) throw thrown;
  }
}
