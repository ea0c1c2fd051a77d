import type { ManualClock } from "./manual-clock.ts";

/** Moves a manual clock on, a little at a time, until `work` has ended; throws after `mostMs` of it. */
export async function passTime<T>(
  clock: ManualClock,
  work: Promise<T>,
  { stepMs = 20, mostMs = 120_000 }: { stepMs?: number; mostMs?: number } = {},
): Promise<T> {
  let ended = false;
  const end = (): void => void (ended = true);
  work.then(end, end);
  for (let passed = 0; !ended; passed += stepMs) {
    if (passed > mostMs) throw new Error(`it did not end within ${mostMs} ms of the clock`);
    // Whatever the last step woke runs to its next wait first.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(stepMs);
  }
  return work;
}
