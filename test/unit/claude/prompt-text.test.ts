import { describe, expect, test } from "vitest";
import { holdsMore, isSamePrompt, isShownAs } from "../../../src/claude/prompt-text.ts";

const pasted = (text: string, id = "3983") =>
  `\n\n<pasted_content id="${id}">\n${text}\n</pasted_content id="${id}">\n`;

describe("what the client tells of a prompt", () => {
  test.each([
    ["one line", "one line"],
    ["a    b", "a\tb"],
    [pasted("x\ny"), "x\ny"],
    [pasted("x    y\nz"), "x\ty\nz"],
    [
      pasted('<\\pasted_content id="1">\nliar\n<\\/pasted_content>'),
      '<pasted_content id="1">\nliar\n</pasted_content>',
    ],
    ["x\n", "x"],
    ["caf\u00e9", "cafe\u0301"],
  ])("%j is %j", (told, typed) => {
    expect(isSamePrompt(told, typed)).toBe(true);
  });

  test.each([
    [pasted("x\ny"), "x\nz"],
    [pasted("x"), "x y"],
    [`${pasted("x")}more`, "x"],
    ['<pasted_content id="1">\nx\n</pasted_content id="2">', "x"],
    ["", "x"],
  ])("%j is not %j", (told, typed) => {
    expect(isSamePrompt(told, typed)).toBe(false);
  });
});

describe("what a composer shows", () => {
  test.each([
    ["long te\nxt", "long text"],
    ["[Pasted text #2 +3 lines]", "a\nb\nc\nd"],
    ["[Pasted text #2\n+3 lin\nes]", "a\nb\nc\nd"],
    ["caf\u00e9", "cafe\u0301"],
    ["[Pasted text #1]", "one long line"],
  ])("%j is %j", (shown, text) => {
    expect(isShownAs(shown, text)).toBe(true);
  });

  test.each([
    ["[Pasted text #2 +2 lines]", "a\nb\nc\nd"],
    ["[Pasted text #1] and more", "one long line"],
    ["long text!", "long text"],
  ])("%j is not %j", (shown, text) => {
    expect(isShownAs(shown, text)).toBe(false);
  });
});

describe("what stands beside our text", () => {
  test.each([
    ["half a thought go on", "go on", true],
    ["go on", "go on", false],
    ["half [Pasted text #1 +1 lines]", "a\nb", true],
    ["[Pasted text #1 +1 lines]", "a\nb", false],
    ["shown in another way", "go on", false],
    ["", "go on", false],
  ])("%j is more than %j: %j", (shown, text, more) => {
    expect(holdsMore(shown, text)).toBe(more);
  });
});
