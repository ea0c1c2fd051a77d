import { chmodSync, closeSync, constants, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { FailoverError } from "../errors.ts";
import { keepCopy } from "./backup.ts";
import { diskFault } from "./disk-fault.ts";
import { checkSchema, migrate, MIGRATIONS } from "./migrations.ts";
import { guarded, type Connection } from "./statement.ts";

/** How long a statement waits for another process before CF_STORE_BUSY, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the state file at `path` for writing: makes its folder (0700) and itself (0600) when
 * missing and brings the schema up to date, after keeping a copy of a file that is older. Every commit
 * is durable when it returns.
 *
 * Throws CF_STORE_NEWER, CF_STORE_CORRUPT, CF_STORE_UNWRITABLE, CF_STORE_FULL or CF_STORE_BUSY.
 */
export function openDatabase(path: string, migrations = MIGRATIONS): Connection {
  makePrivateFile(path);
  const db = guarded(path, () => new Database(path, { timeout: BUSY_TIMEOUT_MS }));
  try {
    guarded(db, () => {
      // Looking first: a foreign or newer file must not even change its journal mode.
      const pending = checkSchema(db, migrations);
      const version = migrations.length - pending;
      if (pending > 0 && version > 0) keepCopy(db, version);
      // Only a new file takes it: free pages can be given back later.
      db.pragma("auto_vacuum = INCREMENTAL");
      db.pragma("journal_mode = WAL");
      db.pragma("synchronous = FULL");
      db.pragma("foreign_keys = ON");
      migrate(db, migrations);
    });
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/**
 * Opens the state file for reading only, without making or migrating anything; null when there is
 * none. For `status` and `history` while no daemon runs. Throws as openDatabase does, and
 * CF_STORE_FAILED for a schema that is older than this program's.
 */
export function openDatabaseForReading(path: string): Connection | null {
  if (!existsSync(path)) return null;
  const db = guarded(path, () => new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS }));
  try {
    const pending = guarded(db, () => checkSchema(db));
    if (pending > 0) {
      throw new FailoverError("CF_STORE_FAILED", `${path} was written by an older version.`, {
        hint: "Start the daemon once; it brings the file up to date.",
      });
    }
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/**
 * Makes the file (0600) and its folder (0700) where they are missing. SQLite's -wal and -shm take
 * over the mode of the file, so it is set before SQLite opens it. Throws CF_STORE_UNWRITABLE or
 * CF_STORE_FULL.
 */
export function makePrivateFile(path: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
    chmodSync(path, 0o600);
  } catch (thrown) {
    throw diskFault(path, thrown);
  }
}
