import { realpathSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { errnoOf, FailoverError } from "../errors.ts";
import {
  dropHomeLock,
  homeLockPaths,
  lostLocks,
  takeHomeLock,
  touchHomeLock,
  type HomeLock,
  type HomeLockPaths,
} from "./home-lock.ts";
import { OUR_UPDATE_MS } from "./lock-directory.ts";
import { describeHolder, type LockHolder } from "./lock-holder.ts";

/** All lock directories of all homes, held by us. */
export interface ClientLocks {
  readonly busy: null;
  /** The lock directories, in the order in which they were taken. */
  readonly paths: readonly string[];
  /** How long the bound was waited, in milliseconds. */
  readonly waitedMs: number;
  /**
   * Paths that are no longer ours, because the process slept longer than a lock may age. Look right
   * before the flip; anything in it means: release, and begin again.
   */
  lost(): Promise<readonly string[]>;
  /** Gives all of them back and says for how many milliseconds they were held. Safe to call twice. */
  release(): Promise<number>;
}

/** Somebody else kept a lock for the whole bound; none is held by us. */
export interface ClientLocksBusy {
  readonly busy: LockHolder;
  readonly waitedMs: number;
}

/** How long a refresh in flight is waited for (issue: a switchover that cannot lose anything). */
const DEFAULT_LOCK_BOUND_MS = 15_000;
const RETRY_MS = 20;

/**
 * Takes the client's own lock directories of the given homes, so that no token refresh runs while a
 * link is flipped: `<home>/.oauth_refresh.lock`, then `<real home>.lock` (client facts 7). Homes are
 * taken in the order of their real paths. While one lock is busy none is held, so nobody waits for
 * us for longer than an attempt takes. The client gives up after six attempts in 7 to 8 s: release
 * within milliseconds.
 *
 * A lock is taken over when its holder is known to be dead, or has been silent for
 * `LOCK_STALE_MS`; one of a living process never is.
 *
 * Takes the bound in milliseconds. Throws `CF_ACCOUNT_LOCK` when a lock cannot be made at all, and
 * the signal's reason when aborted; in both cases nothing stays taken.
 */
export async function acquireClientLocks(options: {
  homes: readonly string[];
  clock: Clock;
  boundMs?: number;
  signal?: AbortSignal;
}): Promise<ClientLocks | ClientLocksBusy> {
  const { clock, boundMs = DEFAULT_LOCK_BOUND_MS, signal } = options;
  const homes = sortedHomes(options.homes);
  const start = clock.monotonic();
  for (;;) {
    signal?.throwIfAborted();
    const attempt = takeAll(homes, clock);
    const waitedMs = clock.monotonic() - start;
    if ("locks" in attempt) return holdLocks({ locks: attempt.locks, clock, waitedMs });
    if (waitedMs >= boundMs) {
      const { busy: path, ownerPath } = attempt;
      return { busy: await describeHolder({ path, ownerPath, now: clock.now() }), waitedMs };
    }
    await clock.sleep(Math.min(RETRY_MS, boundMs - waitedMs), signal);
  }
}

/** The lock directories of these homes in the order in which they are taken; each home once. */
export function clientLockPaths(homes: readonly string[]): readonly string[] {
  return sortedHomes(homes).flatMap(({ refresh, legacy }) => [refresh, legacy]);
}

function sortedHomes(homes: readonly string[]): readonly HomeLockPaths[] {
  return [...new Set(homes.map(realHome))].sort().map(homeLockPaths);
}

function realHome(home: string): string {
  try {
    return realpathSync.native(home);
  } catch (thrown) {
    throw lockFault(home, thrown);
  }
}

type Attempt = { locks: readonly HomeLock[] } | { busy: string; ownerPath: string };

function takeAll(homes: readonly HomeLockPaths[], clock: Clock): Attempt {
  const locks: HomeLock[] = [];
  for (const paths of homes) {
    try {
      const taken = takeHomeLock(paths, clock);
      if ("busy" in taken) {
        dropAll(locks);
        return { busy: taken.busy, ownerPath: paths.owner };
      }
      locks.push(taken.lock);
    } catch (thrown) {
      dropAll(locks);
      throw lockFault(paths.refresh, thrown);
    }
  }
  return { locks };
}

function dropAll(locks: readonly HomeLock[]): void {
  locks.forEach(dropHomeLock);
}

function lockFault(path: string, thrown: unknown): unknown {
  const errno = errnoOf(thrown);
  if (errno === undefined) return thrown;
  const at = thrown instanceof Error && "path" in thrown ? String(thrown.path) : path;
  return new FailoverError("CF_ACCOUNT_LOCK", `The lock ${at} cannot be taken (${errno}).`, {
    details: { path: at, errno },
    cause: thrown,
  });
}

function holdLocks(options: {
  locks: readonly HomeLock[];
  clock: Clock;
  waitedMs: number;
}): ClientLocks {
  const { locks, clock, waitedMs } = options;
  const since = clock.monotonic();
  const end = new AbortController();
  let heldMs: number | null = null;
  const onExit = (): void => dropAll(locks);
  process.once("exit", onExit);
  void keepFresh({ locks, clock, signal: end.signal });
  return {
    busy: null,
    paths: locks.flatMap(({ held }) => held.map(({ path }) => path)),
    waitedMs,
    lost: async () => Promise.resolve(locks.flatMap(lostLocks)),
    release: async () => {
      if (heldMs !== null) return Promise.resolve(heldMs);
      heldMs = clock.monotonic() - since;
      end.abort();
      process.off("exit", onExit);
      dropAll(locks);
      return heldMs;
    },
  };
}

/** Touches the locks for as long as they are held, as the client does; ends with the signal. */
async function keepFresh(options: {
  locks: readonly HomeLock[];
  clock: Clock;
  signal: AbortSignal;
}): Promise<void> {
  const { locks, clock, signal } = options;
  try {
    for (;;) {
      await clock.sleep(OUR_UPDATE_MS, signal);
      for (const lock of locks) touchHomeLock(lock, clock.now());
    }
  } catch (thrown) {
    // The sleep ends with the signal. A touch never throws; a lost lock shows in `lost`.
    if (!signal.aborted) throw thrown;
  }
}
