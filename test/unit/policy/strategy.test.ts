import { expect, test } from "vitest";
import { strategyFor } from "../../../src/policy/strategy.ts";
import { afterFailure, CLOSED, isOpen, MOST_FAILURES } from "../../../src/policy/breaker.ts";

test.each([
  ["auto", "hot", "linux", "hot"],
  ["auto", "relaunch", "linux", "relaunch"],
  ["auto", "broken", "linux", "relaunch"],
  ["auto", null, "linux", "relaunch"],
  ["hot", null, "linux", "hot"],
  ["relaunch", "hot", "linux", "relaunch"],
  ["auto", "hot", "darwin", "relaunch"],
  ["hot", "hot", "darwin", "relaunch"],
] as const)("%s with verdict %s on %s moves by %s", (configured, verdict, platform, expected) => {
  const input = { configured, verdict, platform };
  expect(strategyFor({ ...input, isAdopted: false })).toBe(expected);
  expect(strategyFor({ ...input, isAdopted: true })).toBe("hot");
});

test("a breaker opens after failures close together, and half open at the first one after its pause", () => {
  let breaker = CLOSED;
  for (let failure = 0; failure < MOST_FAILURES; failure++) {
    expect(isOpen(breaker, failure)).toBe(false);
    breaker = afterFailure(breaker, failure);
  }
  const until = breaker.openUntil ?? 0;
  expect([isOpen(breaker, until - 1), isOpen(breaker, until)]).toEqual([true, false]);
  expect(isOpen(afterFailure(breaker, until + 1), until + 2)).toBe(true);
});

test("a breaker stays closed over failures that lie far apart", () => {
  const apart = [0, 200_000, 400_000, 600_000].reduce(afterFailure, CLOSED);
  expect(apart.openUntil).toBeNull();
});
