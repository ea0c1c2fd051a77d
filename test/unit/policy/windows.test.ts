import { expect, it } from "vitest";
import type { WindowUsage } from "../../../src/policy/model.ts";
import { paidUntil } from "../../../src/policy/windows.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";

function full(window: WindowUsage["window"], resetsAt: number, usedPercent = 100): WindowUsage {
  return { window, usedPercent, resetsAt };
}

it.each<readonly [string, readonly WindowUsage[], number]>([
  [
    "the last reset of its full windows",
    [full("fiveHour", NOW + HOUR), full("weekly", NOW + 3 * HOUR, 99)],
    NOW + 3 * HOUR,
  ],
  [
    "not of one that is not full, of one model, or over",
    [
      full("fiveHour", NOW + HOUR),
      full("weekly", NOW + 3 * HOUR, 98),
      full("model:opus", NOW + 4 * HOUR),
    ],
    NOW + HOUR,
  ],
  ["five hours later where none is known to be full", [full("weekly", NOW)], NOW + 5 * HOUR],
])("an account is on paid usage until %s", (_until, windows, until) => {
  expect(paidUntil(windows, NOW)).toBe(until);
});
