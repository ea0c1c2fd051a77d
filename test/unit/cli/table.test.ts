import { describe, expect, it } from "vitest";
import { wrapped } from "../../../src/cli/table.ts";

describe("a line that is broken", () => {
  it.each<readonly [string, number, number, readonly string[]]>([
    ["fits", 4, 2, ["fits"]],
    ["one two three", 8, 2, ["one two", "  three"]],
    ["  homes    /a/b: in use now", 20, 11, ["  homes    /a/b: in", "           use now"]],
    ["  bad     It is no link.", 16, 10, ["  bad     It is", "          no", "          link."]],
    ["文書 文書 文書", 9, 2, ["文書 文書", "  文書"]],
    ["\u001b[31mone\u001b[0m two", 7, 2, ["\u001b[31mone\u001b[0m two"]],
    ["averylongword two", 5, 0, ["averylongword", "two"]],
  ])("%j at %i columns stands under column %i", (line, columns, indent, lines) => {
    expect(wrapped(line, columns, indent)).toEqual(lines);
  });
});
