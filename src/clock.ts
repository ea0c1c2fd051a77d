import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

/** The only source of time. Everything that waits or stamps takes one, so that tests can move it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds; only differences mean something. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};

/** RFC 3339 UTC text of an epoch in milliseconds. */
export function rfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
