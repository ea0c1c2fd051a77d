import fc from "fast-check";
import { expect, it, test } from "vitest";
import { poolChange, type PoolView, type PoolWorker } from "../../src/policy/pool.ts";

const NOW = 1_000_000;
const free = (index: number, idleMs: number | null = null): PoolWorker => ({
  index,
  isFree: true,
  idleSince: idleMs === null ? null : NOW - idleMs,
});
const busy = (index: number): PoolWorker => ({ index, isFree: false, idleSince: null });
const view = (changes: Partial<PoolView>): PoolView => ({
  min: 1,
  max: 4,
  shrinkAfterMs: 600,
  isFrozen: false,
  waiting: 0,
  workers: [free(0, 0)],
  now: NOW,
  ...changes,
});

it.each<readonly [string, Partial<PoolView>, readonly number[], readonly number[]]>([
  ["nothing waits", {}, [], []],
  ["what waits has a free session", { waiting: 1 }, [], []],
  ["more waits than is free", { waiting: 3 }, [1, 2], []],
  ["more waits than there may be", { waiting: 9, workers: [busy(0)] }, [1, 2, 3], []],
  ["nothing may be given out", { waiting: 9, isFrozen: true }, [], []],
  ["one in the middle is missing", { waiting: 2, workers: [busy(0), busy(2)] }, [1, 3], []],
  ["one beyond the least was idle long", { workers: [busy(0), free(1, 600)] }, [], [1]],
  ["it was not idle long enough", { workers: [busy(0), free(1, 599)] }, [], []],
  ["it is one of the least", { workers: [free(0, 9_000)] }, [], []],
  ["a task that nobody can do waits", { waiting: 1, workers: [busy(0), free(1, 600)] }, [], []],
  [
    "all idle: the last first, and as many as do not wait",
    { waiting: 2, workers: [free(0, 900), free(1, 900), free(3, 900)] },
    [],
    [3],
  ],
])("%s", (_what, changes, begin, end) => {
  expect(poolChange(view(changes))).toEqual({ begin, end });
});

const workers = fc.uniqueArray(
  fc.record({
    index: fc.nat(9),
    isFree: fc.boolean(),
    idleSince: fc.option(fc.integer({ min: 0, max: NOW })),
  }),
  { selector: ({ index }) => index },
);

test("keeps between least and greatest, ends none that has work, and never begins and ends at once", () => {
  fc.assert(
    fc.property(workers, fc.nat(20), fc.nat(5), fc.nat(5), (known, waiting, min, more) => {
      const least = Array.from({ length: min }, (_, index) => index);
      const kept = [
        ...least.map((index) => known.find((each) => each.index === index) ?? busy(index)),
        ...known.filter(({ index }) => index >= min && index < min + more),
      ];
      const max = min + more;
      const { begin, end } = poolChange(view({ min, max, waiting, workers: kept }));
      const after = new Set([...kept.map(({ index }) => index), ...begin]);
      expect(after.size).toBe(kept.length + begin.length);
      expect([...after].every((index) => index < max)).toBe(true);
      expect(end.every((index) => index >= min)).toBe(true);
      for (const index of end)
        expect(kept.find((each) => each.index === index)).toMatchObject({ isFree: true });
      expect(begin.length === 0 || end.length === 0).toBe(true);
    }),
  );
});
