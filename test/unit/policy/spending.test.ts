import { expect, it } from "vitest";
import { Spending, type WindowSample } from "../../../src/policy/spending.ts";
import { HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

const FRESH = 10 * MINUTE;

/** Readings of a quarter of an hour each, from `from` percent on, at `step` points a reading. */
function readings(window: WindowSample["window"], from: number, step: number): WindowSample[] {
  return [60, 45, 30, 15, 0].map((ago, index) => ({
    window,
    at: NOW - ago * MINUTE,
    usedPercent: from + index * step,
    resetsAt: NOW + 3 * HOUR,
  }));
}

it("tells the pace of each window of which enough was read", () => {
  const samples = [...readings("fiveHour", 40, 5), ...readings("weekly", 10, 1).slice(0, 2)];
  const windows = new Spending(FRESH).of("one", NOW, () => samples);
  expect(windows.map((each) => [each.window, each.percentPerHour])).toEqual([["fiveHour", 20]]);
});

it("reads anew when what it knows is old, or another account's", () => {
  const spending = new Spending(FRESH);
  let reads = 0;
  const readsAfter = (account: string, now: number): number => {
    spending.of(account, now, () => {
      reads += 1;
      return [];
    });
    return reads;
  };
  expect(readsAfter("one", NOW)).toBe(1);
  expect(readsAfter("one", NOW + FRESH - 1)).toBe(1);
  expect(readsAfter("one", NOW + FRESH)).toBe(2);
  expect(readsAfter("two", NOW + FRESH)).toBe(3);
  // The clock was set back.
  expect(readsAfter("one", NOW - FRESH)).toBe(4);
});
