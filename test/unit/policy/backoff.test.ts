import { expect, it } from "vitest";
import { backoffMs } from "../../../src/policy/backoff.ts";

it.each([
  [1, 0, 1_000],
  [2, 0, 2_000],
  [3, 0, 4_000],
  [4, 0, 5_000],
  [1_000_000, 0, 5_000],
  [1, 0.5, 1_125],
  [3, 0.999, 4_999],
])("try %i with luck %d waits %i ms", (attempt, random, ms) => {
  expect(backoffMs({ attempt, baseMs: 1_000, mostMs: 5_000, random })).toBe(ms);
});
