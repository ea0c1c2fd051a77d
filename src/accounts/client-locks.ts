import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { errnoOf, FailoverError } from "../errors.ts";
import { describeHolder, type LockHolder } from "./lock-holder.ts";
import {
  dropLock,
  dropLockNow,
  isOurs,
  LOCK_UPDATE_MS,
  takeLock,
  touchLock,
  type HeldLock,
} from "./lock-directory.ts";

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
export const DEFAULT_LOCK_BOUND_MS = 15_000;
const RETRY_MS = 20;

/**
 * Takes the client's own lock directories of the given homes, so that no token refresh runs while a
 * link is flipped: `<home>/.oauth_refresh.lock`, then `<real home>.lock` (client facts 7). Homes are
 * taken in the order of their real paths. While one lock is busy none is held, so nobody waits for
 * us for longer than an attempt takes. The client gives up waiting after some seconds: release
 * within milliseconds.
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
  const paths = await clientLockPaths(options.homes);
  const start = clock.monotonic();
  for (;;) {
    signal?.throwIfAborted();
    const attempt = await takeAll(paths, clock);
    const waitedMs = clock.monotonic() - start;
    if (attempt.blocked === null) return holdLocks({ held: attempt.held, clock, waitedMs });
    if (waitedMs >= boundMs) {
      return { busy: await describeHolder(attempt.blocked, clock.now()), waitedMs };
    }
    await clock.sleep(Math.min(RETRY_MS, boundMs - waitedMs), signal);
  }
}

/** The lock directories of these homes in the order in which they are taken; each home once. */
export async function clientLockPaths(homes: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(homes.map(realHome));
  return [...new Set(real)]
    .sort()
    .flatMap((home) => [join(home, ".oauth_refresh.lock"), `${home}.lock`]);
}

async function realHome(home: string): Promise<string> {
  try {
    return await realpath(home);
  } catch (thrown) {
    throw lockFault(home, thrown);
  }
}

type Attempt = { held: readonly HeldLock[]; blocked: null } | { blocked: string };

async function takeAll(paths: readonly string[], clock: Clock): Promise<Attempt> {
  const held: HeldLock[] = [];
  try {
    for (const path of paths) {
      const lock = await takeLock(path, clock);
      if (lock === null) {
        await dropAll(held);
        return { blocked: path };
      }
      held.push(lock);
    }
    return { held, blocked: null };
  } catch (thrown) {
    await dropAll(held);
    throw lockFault(paths[held.length] ?? "", thrown);
  }
}

/** Last taken, first given back. One that cannot be given back does not keep the others. */
async function dropAll(held: readonly HeldLock[]): Promise<void> {
  for (const lock of held.toReversed()) await dropLock(lock);
}

function lockFault(path: string, thrown: unknown): unknown {
  const errno = errnoOf(thrown);
  if (errno === undefined) return thrown;
  return new FailoverError("CF_ACCOUNT_LOCK", `The lock ${path} cannot be taken (${errno}).`, {
    details: { path, errno },
    cause: thrown,
  });
}

function holdLocks(options: {
  held: readonly HeldLock[];
  clock: Clock;
  waitedMs: number;
}): ClientLocks {
  const { held, clock, waitedMs } = options;
  const since = clock.monotonic();
  const end = new AbortController();
  let heldMs: number | null = null;
  const onExit = (): void => held.forEach(dropLockNow);
  process.once("exit", onExit);
  void keepFresh({ held, clock, signal: end.signal });
  return {
    busy: null,
    paths: held.map((lock) => lock.path),
    waitedMs,
    lost: async () => {
      const ours = await Promise.all(held.map(isOurs));
      return held.filter((_, index) => !ours[index]).map((lock) => lock.path);
    },
    release: async () => {
      if (heldMs !== null) return heldMs;
      heldMs = clock.monotonic() - since;
      end.abort();
      process.off("exit", onExit);
      await dropAll(held);
      return heldMs;
    },
  };
}

/** Touches the locks for as long as they are held, as the client does; ends with the signal. */
async function keepFresh(options: {
  held: readonly HeldLock[];
  clock: Clock;
  signal: AbortSignal;
}): Promise<void> {
  const { held, clock, signal } = options;
  try {
    for (;;) {
      await clock.sleep(LOCK_UPDATE_MS, signal);
      for (const lock of held) await touchLock(lock, clock.now());
    }
  } catch (thrown) {
    // The sleep ends with the signal. A touch never throws; a lost lock shows in `lost`.
    if (!signal.aborted) throw thrown;
  }
}
