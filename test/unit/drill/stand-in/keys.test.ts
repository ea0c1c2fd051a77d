import { describe, expect, it } from "vitest";
import { KeyParser } from "../../../../src/drill/stand-in/keys.ts";
import type { Key } from "../../../../src/drill/stand-in/keys.ts";

const ESC = "\u001b";

function press(...chunks: string[]): Key[] {
  const parser = new KeyParser();
  return [...chunks.flatMap((chunk) => parser.feed(chunk)), ...parser.flush()];
}

describe("KeyParser", () => {
  it.each<[string, string[], Key[]]>([
    ["text", ["hello"], [{ kind: "text", text: "hello" }]],
    ["text and Enter", ["hi\r"], [{ kind: "text", text: "hi" }, { kind: "enter" }]],
    ["a line feed as text", ["a\nb"], [{ kind: "text", text: "a\nb" }]],
    ["backspace and C-u", ["\u007f\u0015"], [{ kind: "backspace" }, { kind: "clearLine" }]],
    ["C-c and C-d", ["\u0003\u0004"], [{ kind: "interrupt" }, { kind: "endOfFile" }]],
    ["a lone Escape", [ESC], [{ kind: "escape" }]],
    ["two Escapes", [ESC + ESC], [{ kind: "escape" }, { kind: "escape" }]],
    ["arrows", [`${ESC}[A${ESC}[B`], [{ kind: "up" }, { kind: "down" }]],
    ["an arrow in two halves", [`${ESC}[`, "A"], [{ kind: "up" }]],
    ["other sequences", [`${ESC}[1;5D${ESC}OP`], [{ kind: "other" }, { kind: "other" }]],
    ["a paste", [`${ESC}[200~a\r\nb${ESC}[201~`], [{ kind: "paste", text: "a\nb" }]],
    [
      "a paste in pieces, with an Enter behind it",
      [`${ESC}[200~one `, `two${ESC}[20`, "1~\r"],
      [{ kind: "paste", text: "one two" }, { kind: "enter" }],
    ],
    ["an emoji", ["🙂"], [{ kind: "text", text: "🙂" }]],
  ])("reads %s", (_title, chunks, keys) => {
    expect(press(...chunks)).toEqual(keys);
  });

  it("takes an Escape and the letter behind it for one key", () => {
    expect(press(`${ESC}continue`)).toEqual([{ kind: "other" }, { kind: "text", text: "ontinue" }]);
  });

  it("takes them for two when a pause came between", () => {
    const parser = new KeyParser();
    expect(parser.feed(ESC)).toEqual([]);
    expect(parser.isPending).toBe(true);
    expect(parser.flush()).toEqual([{ kind: "escape" }]);
    expect(parser.feed("c")).toEqual([{ kind: "text", text: "c" }]);
  });

  it("waits for the end of a paste, however late it comes", () => {
    const parser = new KeyParser();
    expect(parser.feed(`${ESC}[200~one `)).toEqual([]);
    expect(parser.isPending).toBe(false);
    expect(parser.flush()).toEqual([]);
    expect(parser.feed(`two${ESC}[201~`)).toEqual([{ kind: "paste", text: "one two" }]);
  });
});
