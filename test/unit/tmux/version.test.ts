import { expect, test } from "vitest";
import { isAtLeast, parseVersion } from "../../../src/tmux/version.ts";

test.each([
  ["tmux 3.3a\n", [3, 3]],
  ["tmux 3.2", [3, 2]],
  ["tmux next-3.7", [3, 7]],
  ["tmux 10.12", [10, 12]],
  ["tmux master", null],
  ["tmux openbsd-7.6", null],
])("%j is version %j", (output, number) => {
  expect(parseVersion(output).number).toEqual(number);
});

test.each([
  ["tmux 3.1c", false],
  ["tmux 2.9", false],
  ["tmux 3.2", true],
  ["tmux 3.2a", true],
  ["tmux 4.0", true],
  ["tmux master", true],
])("%s is new enough: %s", (output, expected) => {
  expect(isAtLeast(parseVersion(output), 3, 2)).toBe(expected);
});
