import { lstatSync, mkdirSync, rmdirSync, utimesSync, type BigIntStats } from "node:fs";
import type { Clock } from "../clock.ts";
import { errnoOf } from "../errors.ts";

/**
 * Age at which an untouched lock counts as left behind. Measured: the client takes a lock over after
 * 60 s (2.1.328, .329) or 10 s (2.1.150, the default of proper-lockfile). The longer one is safe:
 * a client that lives touches its locks every 5 s.
 */
export const LOCK_STALE_MS = 60_000;

/**
 * Our own locks carry the sticky bit, set by `mkdir` itself: whatever kills us, the mark is there.
 * They are touched so often and held so briefly that two seconds of silence mean a dead holder.
 */
const OUR_MODE = 0o1700;
export const OUR_STALE_MS = 2_000;
export const OUR_UPDATE_MS = 500;

/** A lock directory we made. */
export interface HeldLock {
  readonly path: string;
  readonly inode: bigint;
  /** With the inode it says "ours": a touch does not change it. Nanoseconds since the epoch. */
  readonly birthtime: bigint;
  /** Says the same where the file system keeps no time of birth. */
  mtime: bigint;
}

/** Takes one lock by `mkdir`. Null when something is there already; throws other system errors. */
export function takeLock(path: string): HeldLock | null {
  try {
    mkdirSync(path, OUR_MODE);
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") return null;
    throw thrown;
  }
  const { ino, mtimeNs, birthtimeNs } = lstatSync(path, { bigint: true });
  return { path, inode: ino, mtime: mtimeNs, birthtime: birthtimeNs };
}

/** Somebody else's lock directory, as far as one look tells. */
export interface FoundLock {
  readonly path: string;
  readonly birthtimeMs: number;
  readonly mtimeMs: number;
  /** Made by a claude-failover. */
  readonly marked: boolean;
}

/** Looks at a lock; null when nothing, or no directory, is there. */
export function findLock(path: string): FoundLock | null {
  try {
    const stats = lstatSync(path);
    if (!stats.isDirectory()) return null;
    const { birthtimeMs, mtimeMs, mode } = stats;
    return { path, birthtimeMs, mtimeMs, marked: (mode & 0o7777) === OUR_MODE };
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

/** Whether a lock has not been touched for so long that its holder must be gone. */
export function isStale(lock: FoundLock, clock: Clock): boolean {
  return clock.now() - lock.mtimeMs > (lock.marked ? OUR_STALE_MS : LOCK_STALE_MS);
}

/** Removes a lock that was judged to be left behind, if it is still the same one. Never throws. */
export function removeLock(lock: FoundLock): void {
  try {
    const { birthtimeMs, mtimeMs } = lstatSync(lock.path);
    // In the same breath: another waiter may have replaced the stale lock with one of its own.
    if (birthtimeMs === lock.birthtimeMs && mtimeMs === lock.mtimeMs) rmdirSync(lock.path);
  } catch {
    // Gone, or filled with something: the next attempt to take it tells.
  }
}

/** Whether the lock at the path is still the one we made. */
export function isOurs(lock: HeldLock): boolean {
  try {
    return same(lock, lstatSync(lock.path, { bigint: true }));
  } catch {
    return false;
  }
}

function same(lock: HeldLock, { ino, birthtimeNs, mtimeNs }: BigIntStats): boolean {
  return ino === lock.inode && (birthtimeNs === lock.birthtime || mtimeNs === lock.mtime);
}

/** Sets the lock's mtime to `now` (epoch milliseconds), if it is still ours. Never throws. */
export function touchLock(lock: HeldLock, now: number): void {
  if (!isOurs(lock)) return;
  try {
    const seconds = now / 1000;
    utimesSync(lock.path, seconds, seconds);
    lock.mtime = lstatSync(lock.path, { bigint: true }).mtimeNs;
  } catch {
    // Gone or out of reach: `isOurs` says so to whoever asks.
  }
}

/** Removes the lock if it is still ours; somebody else's stays. Never throws: it ages out instead. */
export function dropLock(lock: HeldLock): void {
  try {
    if (isOurs(lock)) rmdirSync(lock.path);
  } catch {
    // Gone already, or it ages out.
  }
}

/** Time of birth in milliseconds with fraction, as the client writes it into the owner's note. */
export function birthtimeMs(lock: HeldLock): number {
  // In this order, or the last digit differs from that of `Stats.birthtimeMs`, which is compared.
  const second = 1_000_000_000n;
  return Number(lock.birthtime / second) * 1e3 + Number(lock.birthtime % second) / 1e6;
}
