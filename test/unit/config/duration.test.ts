import { expect, test } from "vitest";
import { MAX_DURATION_MS, parseDuration } from "../../../src/config/duration.ts";

test.each([
  ["0s", 0],
  ["500ms", 500],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["1d2h3m4s5ms", 93_784_005],
  ["24d", MAX_DURATION_MS],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  "",
  "5",
  "m",
  "-5m",
  "1.5h",
  "5 m",
  "30m1h",
  "5M",
  "1h1h",
  "24d1ms",
  "9".repeat(400) + "d",
])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeNull();
});
