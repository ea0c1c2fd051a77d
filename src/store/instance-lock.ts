import Database from "better-sqlite3";
import { FailoverError } from "../errors.ts";
import { makePrivateFile } from "./database.ts";
import { guarded } from "./statement.ts";

/**
 * Takes the lock file that says "a daemon runs on this state", or null when another process has it.
 * It is an exclusive SQLite lock: the system drops it when the process ends, however it ends, so
 * there is no stale lock and no race between two starts. Throws CF_STORE_UNWRITABLE or CF_STORE_FULL
 * when the file cannot be made.
 */
export function takeInstanceLock(path: string): Disposable | null {
  makePrivateFile(path);
  const db = guarded(path, () => new Database(path, { timeout: 0 }));
  try {
    guarded(path, () => {
      db.pragma("journal_mode = DELETE");
      db.exec("BEGIN EXCLUSIVE");
    });
  } catch (thrown) {
    db.close();
    if (thrown instanceof FailoverError && thrown.code === "CF_STORE_BUSY") return null;
    throw thrown;
  }
  return { [Symbol.dispose]: () => void db.close() };
}
