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
    end.abort(OVER);
  }
}

/** Nobody sees it: making a reason, with its stack, for every wait costs more than the wait. */
const OVER = new Error("The wait is over.");

/** Resolves once all that came in with this turn of the event loop has been looked at. */
export async function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A timer of Node's that is to be longer (ms) ends at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  // The global: an import of node:perf_hooks makes all of it, 3 ms of what `status` may take.
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    let left = ms;
    for (; left > LONGEST_TIMER_MS; left -= LONGEST_TIMER_MS) await timer(LONGEST_TIMER_MS, signal);
    await timer(left, signal);
  },
};

/** Node's own timer with a signal makes two errors, with their stacks, of every wait that ends early. */
async function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // A timer takes a millisecond at least.
  const due = ms > 0 ? setTimeout(resolve, ms) : void setImmediate(resolve);
  const stop = (): void => {
    clearTimeout(due);
    reject(signal?.reason);
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
