import type { Clock } from "../../src/clock.ts";

export interface ManualClock extends Clock {
  /** Moves both clocks forward and wakes whoever slept until then, in order. */
  advance(ms: number): void;
  /** Sets the wall clock alone, as an operator or NTP does. */
  setNow(epochMs: number): void;
  /** How many sleeps are under way. */
  readonly sleepers: number;
}

/** A clock that stands still until the test moves it. */
export function manualClock(startMs = 1_700_000_000_000): ManualClock {
  let wall = startMs;
  let elapsed = 0;
  const waiting = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => wall,
    monotonic: () => elapsed,
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          waiting.delete(sleeper);
          reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
        };
        const wake = (): void => {
          waiting.delete(sleeper);
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        const sleeper = { at: elapsed + ms, wake };
        if (signal?.aborted === true) return stop();
        signal?.addEventListener("abort", stop, { once: true });
        waiting.add(sleeper);
      }),
    advance: (ms) => {
      elapsed += ms;
      wall += ms;
      const due = [...waiting].filter(({ at }) => at <= elapsed).sort((a, b) => a.at - b.at);
      for (const { wake } of due) wake();
    },
    setNow: (epochMs) => {
      wall = epochMs;
    },
    get sleepers() {
      return waiting.size;
    },
  };
}
