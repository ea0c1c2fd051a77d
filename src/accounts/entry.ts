import { lstatSync, readlinkSync, type BigIntStats } from "node:fs";
import { errnoOf } from "../errors.ts";

/** What lies at a path, never following it. */
export type Entry =
  | { readonly kind: "missing" }
  | { readonly kind: "directory"; readonly stats: BigIntStats }
  | { readonly kind: "file"; readonly stats: BigIntStats }
  | { readonly kind: "link"; readonly to: string }
  | { readonly kind: "other" }
  | { readonly kind: "unreadable"; readonly errno: string };

/**
 * Looks at one path with `lstat` (and `readlink`); never throws for what the disk says. Synchronous,
 * because a flip waits for it (docs/adr/0021).
 */
export function entryAt(path: string): Entry {
  try {
    const stats = lstatSync(path, { bigint: true });
    if (stats.isSymbolicLink()) return { kind: "link", to: readlinkSync(path) };
    if (stats.isDirectory()) return { kind: "directory", stats };
    return stats.isFile() ? { kind: "file", stats } : { kind: "other" };
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    return errno === "ENOENT" ? { kind: "missing" } : { kind: "unreadable", errno };
  }
}

/** What an entry is, in words for a problem's `found`. */
export function entryText(entry: Entry): string {
  switch (entry.kind) {
    case "missing":
      return "nothing";
    case "directory":
      return "a directory";
    case "file":
      return "a file";
    case "link":
      return `a link to ${entry.to}`;
    case "other":
      return "a socket, pipe or device";
    case "unreadable":
      return `something that cannot be looked at (${entry.errno})`;
  }
}
