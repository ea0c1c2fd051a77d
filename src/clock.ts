import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";

export { rfc3339 } from "./policy/rfc3339.ts";

/** The only source of time. Everything that waits or stamps takes one, so that tests can move it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds; only differences mean something. */
  monotonic(): number;
  /**
   * Resolves after `ms` milliseconds, with 0 as soon as others had their turn; rejects with the
   * signal's reason when aborted.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What `promise` resolves with, or null when it did not within `ms` milliseconds. */
export async function within<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T | null> {
  const end = new AbortController();
  const timeout = clock.sleep(ms, end.signal).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    end.abort();
  }
}

/** Resolves once all that came in with this turn of the event loop has been looked at. */
export async function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A timer of Node's that is to be longer (ms) ends at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    const options = signal ? { signal } : {};
    try {
      let left = ms;
      for (; left > LONGEST_TIMER_MS; left -= LONGEST_TIMER_MS)
        await delay(LONGEST_TIMER_MS, undefined, options);
      // A timer takes a millisecond at least.
      await (left > 0 ? delay(left, undefined, options) : nextTurn(undefined, options));
    } catch (thrown) {
      // Node wraps the reason in an error of its own.
      signal?.throwIfAborted();
      throw thrown;
    }
  },
};
