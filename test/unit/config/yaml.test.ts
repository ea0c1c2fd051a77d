import { describe, expect, test } from "vitest";
import { problemsIn } from "../../support/config-text.ts";

/** Two lines, so that what a test adds begins in line 3. */
const ACCOUNT = "accounts:\n  - { name: a, home: ~/.claude-a }\n";

const AN_ACCOUNT = "list at least one account with a name and a home";

type Row = readonly [text: string, ...problems: string[]];

describe("YAML", () => {
  const EMPTY = `1:1: the file is empty; ${AN_ACCOUNT} below accounts:`;
  const TOP = "write keys and values; accounts is the one that must be there";
  test.each<Row>([
    ["", EMPTY],
    ["# nothing\n", EMPTY],
    ["---\n", EMPTY],
    ["hello\n", `1:1: the file is a text that does not fit; ${TOP}`],
    ["- a\n", `1:1: the file is a list; ${TOP}`],
    [
      `${ACCOUNT}slot: a: b\n`,
      '3:7: a second key begins on the line of the first, or a line is indented too far; put text that contains ": " in quotes, and begin keys in the same column',
    ],
    [
      `${ACCOUNT}  slot: x\n`,
      "3:1: the indentation does not fit the lines above; begin keys that belong together in the same column, with spaces",
    ],
    [
      `${ACCOUNT}slot: [a\nlog: {}\n`,
      "4:1: a [ or { is not closed in the lines above; close it, or put text that begins with it in quotes",
    ],
    [
      `${ACCOUNT}api:\n\tlisten: null\n`,
      "4:1: a tab stands in the indentation; indent with spaces",
    ],
    [
      `${ACCOUNT}slot: 'x\n`,
      "4:1: a quote, bracket, comma or colon is missing here or before; close what is open, and write key: value",
    ],
    [
      `${ACCOUNT}slot: @x\n`,
      "3:7: a value begins with a character that YAML reserves; put the value in quotes",
    ],
    [
      `${ACCOUNT}slot: "\\q"\n`,
      "3:8: this \\ escape is not known in double quotes; write \\\\ for a backslash, or use single quotes",
    ],
    [
      `${ACCOUNT}slot: !path x\n`,
      "3:7: this !tag is not known; remove it, or put text that begins with ! in quotes",
    ],
    [`${ACCOUNT}? [a]\n: b\n`, "3:3: a key is not text; write key: value"],
    [
      `${ACCOUNT}---\nslot: x\n`,
      "3:1: a second document begins here (--- or ...); keep everything in one document",
    ],
    [
      `${ACCOUNT}log: {}\nlog: { level: debug }\napi: { x: 1 }\n`,
      '4:1: the key "log" is there twice, first in line 3; keep one of them',
      '5:8: unknown key "x" in api; known are listen, tokenEnv',
    ],
    [
      `${ACCOUNT}slot: *link\n`,
      "3:7: nothing is named &link before this *alias; name it first, or put the text in quotes if it is no alias",
    ],
  ])("%j", (text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });

  test("a place is right with CRLF, and behind an alias", () => {
    const text = "accounts:\r\n  - &a { name: A, home: /a }\r\n  - *a\r\n";
    expect(problemsIn(text)).toEqual([
      '2:16: accounts[0].name is "A"; use up to 32 of a-z, 0-9 and "-", like work-2',
      '2:16: accounts[1].name is "A"; use up to 32 of a-z, 0-9 and "-", like work-2',
      "2:25: accounts[1].home is the same folder as accounts[0].home; give each account its own home",
    ]);
  });

  test.each([
    ["a hundred and one aliases", "2:405", `x: &x 1\ny: [${"*x, ".repeat(101)}]\n`],
    [
      "aliases that multiply",
      "2:10",
      [
        "a0: &a0 [x]",
        ...[1, 2, 3, 4, 5, 6].map((n) => `a${n}: &a${n} [${`*a${n - 1}, `.repeat(9)}]`),
      ].join("\n"),
    ],
  ])("%s are refused in one problem", (_, place, text) => {
    expect(problemsIn(text)).toEqual([
      `${place}: aliases (*name) repeat too much; write the values out; 100 aliases are the most`,
    ]);
  });

  test("an alias to what contains it ends", () => {
    expect(problemsIn("accounts: &a [*a]\n")).toEqual([
      "1:15: accounts[0] is a list; write each account as { name: work, home: ~/.claude-work }",
    ]);
  });

  test.each(["[".repeat(30_000), "- ".repeat(20_000), "{a: ".repeat(20_000)])(
    "endless nesting is one problem",
    (text) => {
      expect(problemsIn(text)[0]).toMatch(/^1:\d+: this is nested too deeply; use fewer levels$/);
    },
  );
});
