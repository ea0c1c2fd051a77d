import { unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import {
  birthtimeMs,
  dropLock,
  dropLockNow,
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
export async function takeHomeLock(
  paths: HomeLockPaths,
  clock: Clock,
): Promise<{ lock: HomeLock } | { busy: string }> {
  const refresh = await takeOrInherit(paths.refresh, paths, clock);
  if (refresh === null) return { busy: paths.refresh };
  try {
    const legacy = await takeOrInherit(paths.legacy, paths, clock);
    if (legacy === null) {
      await dropLock(refresh);
      return { busy: paths.legacy };
    }
    await writeOwner({
      path: paths.owner,
      lockBirthtimeMs: birthtimeMs(refresh),
      legacyLockBirthtimeMs: birthtimeMs(legacy),
    });
    return { lock: { paths, held: [refresh, legacy] } };
  } catch (thrown) {
    await dropLock(refresh);
    throw thrown;
  }
}

async function takeOrInherit(
  path: string,
  paths: HomeLockPaths,
  clock: Clock,
): Promise<HeldLock | null> {
  const taken = await takeLock(path);
  if (taken !== null) return taken;
  if (!(await removeLeftBehind(path, paths, clock))) return null;
  return await takeLock(path);
}

/** Removes the lock when its holder is dead, or silent for too long. True when it is worth a try. */
async function removeLeftBehind(
  path: string,
  paths: HomeLockPaths,
  clock: Clock,
): Promise<boolean> {
  const found = await findLock(path);
  if (found === null) return false;
  const owner = await readOwner(paths.owner);
  const written = path === paths.refresh ? owner?.lockBirthtimeMs : owner?.legacyLockBirthtimeMs;
  const about = typeof written === "number" && Math.abs(written - found.birthtimeMs) < 1;
  const state = about ? ownerState(owner) : "unknown";
  // A living owner that is only stopped would go on with its refresh: it is waited for, never robbed.
  if (state === "alive" || (state === "unknown" && !isStale(found, clock))) return false;
  removeLock(found);
  return true;
}

/** The locks of this home that are no longer ours. */
export async function lostLocks(lock: HomeLock): Promise<readonly string[]> {
  const ours = await Promise.all(lock.held.map(isOurs));
  return lock.held.filter((_, index) => !ours[index]).map(({ path }) => path);
}

/** Touches both locks; one that is lost stays as it is. Never throws. */
export async function touchHomeLock(lock: HomeLock, now: number): Promise<void> {
  for (const held of lock.held) await touchLock(held, now);
}

/** Gives both back in the client's order: note, second, first. Never throws. */
export async function dropHomeLock(lock: HomeLock): Promise<void> {
  if ((await lostLocks(lock)).length === 0) await unlink(lock.paths.owner).catch(() => undefined);
  for (const held of lock.held.toReversed()) await dropLock(held);
}

/** As `dropHomeLock`, at the end of the process; the note stays, and names a dead process. */
export function dropHomeLockNow(lock: HomeLock): void {
  for (const held of lock.held.toReversed()) dropLockNow(held);
}
