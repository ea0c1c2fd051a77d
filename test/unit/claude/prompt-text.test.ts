import { describe, expect, test } from "vitest";
import { isSamePrompt, isShownAs } from "../../../src/claude/prompt-text.ts";

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
