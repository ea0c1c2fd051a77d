import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeepConfig } from "../../../src/config/config.ts";
import { fateOfDispatched, removals, rowBounds } from "../../../src/janitor/decide.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const file = (path: string, days: number, bytes = 10) => ({ path, bytes, since: -days * DAY });

describe("files", () => {
  test("go when they are too old, then the oldest until the others are few enough", () => {
    const files = [file("c", 1, 50), file("a", 40), file("b", 9, 60), file("d", 0, 40)];
    expect(removals(files, { now: 0, mostMs: 30 * DAY, mostBytes: 100 })).toMatchObject([
      { path: "a", why: "it is older than 30 days" },
      { path: "b", why: "together they have more than 0 MB" },
    ]);
  });

  test("stay when they are young and together small enough; no younger one goes before an older", () => {
    const files = fc.array(
      fc.record({
        path: fc.string(),
        bytes: fc.nat(1_000),
        since: fc.integer({ min: -100, max: 0 }),
      }),
    );
    fc.assert(
      fc.property(files, fc.nat(100), fc.nat(5_000), (all, mostMs, mostBytes) => {
        const gone = removals(all, { now: 0, mostMs, mostBytes });
        const paths = new Set(gone.map(({ path, since }) => `${since} ${path}`));
        const left = all.filter(({ path, since }) => !paths.has(`${since} ${path}`));
        expect(left.filter(({ since }) => -since > mostMs)).toEqual([]);
        const sum = left.reduce((total, { bytes }) => total + bytes, 0);
        expect(sum).toBeLessThanOrEqual(mostBytes);
        const youngest = Math.max(-Infinity, ...gone.map(({ since }) => since));
        expect(left.filter(({ since }) => since < youngest)).toEqual([]);
      }),
    );
  });
});

test.each([
  ["is in use while its task is not over", -2 * HOUR, { endedAt: null }, "inUse"],
  ["is in use while it is young", -HOUR / 2, null, "inUse"],
  ["is left of a task that ended after it was moved", -2 * HOUR, { endedAt: -HOUR }, "isLeft"],
  [
    "is in use when the task that is over was one before it",
    -2 * HOUR,
    { endedAt: -3 * HOUR },
    "inUse",
  ],
  ["is lost where no task is called so", -2 * HOUR, null, "isLost"],
] as const)("a dispatched file %s", (_name, since, task, fate) => {
  expect(fateOfDispatched({ since }, task, 0)).toBe(fate);
});

test("a database above its bound keeps everything for a shorter time, down to a sixteenth", () => {
  const keep: KeepConfig = {
    tasksMs: 32 * DAY,
    taskBytes: 1,
    checkpointsMs: 16 * DAY,
    evidenceMs: 32 * DAY,
    usageMs: 32 * DAY,
    events: 1_600,
    decisions: 320,
    databaseBytes: 100,
    logBytes: 1,
  };
  const full = { tasksBefore: -32 * DAY, checkpointsBefore: -16 * DAY, events: 1_600 };
  expect(rowBounds(keep, 0, 100)).toMatchObject(full);
  expect(rowBounds(keep, 0, 0)).toMatchObject(full);
  expect(rowBounds(keep, 0, 200)).toMatchObject({ tasksBefore: -16 * DAY, events: 800 });
  expect(rowBounds(keep, 0, 1e9)).toMatchObject({ tasksBefore: -2 * DAY, decisions: 20 });
});
