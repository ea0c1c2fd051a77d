import { rmdirSync, lstatSync } from "node:fs";
import { lstat, mkdir, rmdir, utimes } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { errnoOf } from "../errors.ts";

/** Age at which a lock counts as left behind: the default of proper-lockfile, whose protocol it is. */
export const LOCK_STALE_MS = 10_000;
/** How often a held lock is touched. */
export const LOCK_UPDATE_MS = LOCK_STALE_MS / 2;

/** A lock directory we made. `mtime` changes when we touch it; together with the inode it says "ours". */
export interface HeldLock {
  readonly path: string;
  readonly inode: bigint;
  mtime: bigint;
}

/**
 * Tries once to take one lock by `mkdir`; a stale one is removed first. Returns null when somebody
 * else holds it. Throws the system error when the directory cannot be made for another reason.
 */
export async function takeLock(path: string, clock: Clock): Promise<HeldLock | null> {
  const lock = await make(path);
  if (lock !== null) return lock;
  if (!(await removeStale(path, clock))) return null;
  return await make(path);
}

async function make(path: string): Promise<HeldLock | null> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") return null;
    throw thrown;
  }
  const { ino, mtimeNs } = await lstat(path, { bigint: true });
  return { path, inode: ino, mtime: mtimeNs };
}

/** Removes a lock that is older than it may be. True when the path is worth another try. */
async function removeStale(path: string, clock: Clock): Promise<boolean> {
  try {
    const { mtimeMs } = await lstat(path);
    if (mtimeMs >= clock.now() - LOCK_STALE_MS) return false;
    // A second look in the same breath: another waiter may have replaced the stale lock with its own.
    if (lstatSync(path).mtimeMs !== mtimeMs) return false;
    rmdirSync(path);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return true;
    // A file, a link or a filled directory in the lock's place is not ours to remove.
    if (["ENOTDIR", "ENOTEMPTY", "EEXIST"].includes(errnoOf(thrown) ?? "")) return false;
    throw thrown;
  }
}

/** Whether the lock at the path is still the one we made. */
export async function isOurs(lock: HeldLock): Promise<boolean> {
  try {
    const { ino, mtimeNs } = await lstat(lock.path, { bigint: true });
    return ino === lock.inode && mtimeNs === lock.mtime;
  } catch {
    return false;
  }
}

/** Sets the lock's mtime to `now` (epoch milliseconds), if it is still ours. Never throws. */
export async function touchLock(lock: HeldLock, now: number): Promise<void> {
  if (!(await isOurs(lock))) return;
  try {
    const seconds = now / 1000;
    await utimes(lock.path, seconds, seconds);
    lock.mtime = (await lstat(lock.path, { bigint: true })).mtimeNs;
  } catch {
    // Gone or out of reach: `isOurs` says so to whoever asks.
  }
}

/** Removes the lock if it is still ours; somebody else's stays. Never throws: it ages out instead. */
export async function dropLock(lock: HeldLock): Promise<void> {
  if (!(await isOurs(lock))) return;
  await rmdir(lock.path).catch(() => undefined);
}

/** As `dropLock`, for the end of the process, where nothing can be awaited. Never throws. */
export function dropLockNow(lock: HeldLock): void {
  try {
    const { ino, mtimeNs } = lstatSync(lock.path, { bigint: true });
    if (ino === lock.inode && mtimeNs === lock.mtime) rmdirSync(lock.path);
  } catch {
    // Gone already, or it ages out.
  }
}
