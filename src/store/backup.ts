import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "../errors.ts";
import { diskFault } from "./disk-fault.ts";
import type { Connection } from "./statement.ts";

const KEPT = 3;

/**
 * Puts a whole copy of the database beside it, as `<name>.schema-<version>` (0600), durable when this
 * returns; the three newest schemas are kept. A copy of this schema that is there is replaced. Throws
 * CF_STORE_UNWRITABLE or CF_STORE_FULL, and what SQLite throws.
 */
export function keepCopy(db: Connection, version: number): void {
  try {
    putCopy(db, version);
  } catch (thrown) {
    throw isOfDisk(thrown) ? diskFault(db.name, thrown) : thrown;
  }
}

/** SQLite's own faults have codes like SQLITE_FULL and are named where they are caught. */
function isOfDisk(thrown: unknown): boolean {
  return errnoOf(thrown)?.startsWith("E") ?? false;
}

function putCopy(db: Connection, version: number): void {
  const copy = `${db.name}.schema-${version}`;
  const draft = `${copy}.new`;
  rmSync(draft, { force: true });
  // An empty file of our own mode: SQLite writes into it and leaves the mode.
  closeSync(openSync(draft, "wx", 0o600));
  db.prepare("VACUUM INTO ?").run(draft);
  chmodSync(draft, 0o600);
  sync(draft);
  renameSync(draft, copy);
  sync(dirname(copy));
  for (const old of olderCopies(db.name)) rmSync(old, { force: true });
}

function olderCopies(path: string): string[] {
  const prefix = `${basename(path)}.schema-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .toSorted((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)))
    .slice(KEPT)
    .map((name) => join(dirname(path), name));
}

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
