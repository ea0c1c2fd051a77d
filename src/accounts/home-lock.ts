import { unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import {
  birthtimeMs,
  dropLock,
  findLock,
  isOurs,
  isStale,
  removeLock,
  takeLock,
  touchLock,
  type HeldLock,
} from "./lock-directory.ts";
import { ownerState, readOwner, writeOwner } from "./lock-owner.ts";

/** Where the locks of one home lie (client facts 7). */
export interface HomeLockPaths {
  /** `<home>/.oauth_refresh.lock`, taken first. */
  readonly refresh: string;
  /** `<real home>.lock`, taken second. */
  readonly legacy: string;
  /** `<home>/.oauth_refresh.lock.owner`: who holds both. */
  readonly owner: string;
}

/** Both locks of one home, held by us. */
export interface HomeLock {
  readonly paths: HomeLockPaths;
  readonly held: readonly HeldLock[];
}

/** The lock paths of a home that is given by its real path. */
export function homeLockPaths(realHome: string): HomeLockPaths {
  const refresh = join(realHome, ".oauth_refresh.lock");
  return { refresh, legacy: `${realHome}.lock`, owner: `${refresh}.owner` };
}

/**
 * Tries once to take both locks of a home, in the client's order, after removing what a dead
 * process left behind. Returns the path that is busy when it cannot; then neither is held. Throws
 * the system error when a lock cannot be made at all.
 */
export function takeHomeLock(
  paths: HomeLockPaths,
  clock: Clock,
): { lock: HomeLock } | { busy: string } {
  const refresh = takeOrInherit(paths.refresh, paths, clock);
  if (refresh === null) return { busy: paths.refresh };
  try {
    const legacy = takeOrInherit(paths.legacy, paths, clock);
    if (legacy === null) {
      dropLock(refresh);
      return { busy: paths.legacy };
    }
    writeOwner({
      path: paths.owner,
      lockBirthtimeMs: birthtimeMs(refresh),
      legacyLockBirthtimeMs: birthtimeMs(legacy),
    });
    return { lock: { paths, held: [refresh, legacy] } };
  } catch (thrown) {
    dropLock(refresh);
    throw thrown;
  }
}

function takeOrInherit(path: string, paths: HomeLockPaths, clock: Clock): HeldLock | null {
  const taken = takeLock(path);
  if (taken !== null) return taken;
  return removeLeftBehind(path, paths, clock) ? takeLock(path) : null;
}

/** Removes the lock when its holder is dead, or silent for too long. True when it is worth a try. */
function removeLeftBehind(path: string, paths: HomeLockPaths, clock: Clock): boolean {
  const found = findLock(path);
  if (found === null) return false;
  const owner = readOwner(paths.owner);
  const written = path === paths.refresh ? owner?.lockBirthtimeMs : owner?.legacyLockBirthtimeMs;
  const about = typeof written === "number" && Math.abs(written - found.birthtimeMs) < 1;
  const state = about ? ownerState(owner) : "unknown";
  // A living owner that is only stopped would go on with its refresh: it is waited for, never robbed.
  if (state === "alive" || (state === "unknown" && !isStale(found, clock))) return false;
  removeLock(found);
  return true;
}

/** The locks of this home that are no longer ours. */
export function lostLocks(lock: HomeLock): readonly string[] {
  return lock.held.filter((held) => !isOurs(held)).map(({ path }) => path);
}

/** Touches both locks; one that is lost stays as it is. Never throws. */
export function touchHomeLock(lock: HomeLock, now: number): void {
  for (const held of lock.held) touchLock(held, now);
}

/** Gives both back in the client's order: note, second, first. Never throws. */
export function dropHomeLock(lock: HomeLock): void {
  if (lostLocks(lock).length === 0) removeNote(lock.paths.owner);
  for (const held of lock.held.toReversed()) dropLock(held);
}

function removeNote(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It stays, and names a process that holds nothing.
  }
}
