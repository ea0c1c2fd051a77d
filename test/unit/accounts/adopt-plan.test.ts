import { describe, expect, test } from "vitest";
import {
  asideNames,
  decideEntry,
  isAppendOnly,
  type Comparison,
  type EntryDecision,
  type NodeFacts,
} from "../../../src/accounts/adopt/plan.ts";

const directory: NodeFacts = { kind: "directory" };
const file = (size: number, id = "1:1"): NodeFacts => ({ kind: "file", size, id });
const link = (to: string): NodeFacts => ({ kind: "link", to });
const other: NodeFacts = { kind: "other" };
const log = { appendOnly: true };
const plain = { appendOnly: false };

type Row = [string, NodeFacts, NodeFacts | null, typeof log, Comparison | null, EntryDecision];
const TABLE: Row[] = [
  ["a new directory", directory, null, plain, null, "makeDirectory"],
  ["a directory that is there", directory, directory, plain, null, "nothing"],
  ["a directory where a file is", directory, file(1), plain, null, "aside"],
  ["a new file", file(1), null, plain, null, "place"],
  ["a file that is there under both names", file(1), file(1), plain, null, "nothing"],
  ["a file where a directory is", file(1), directory, plain, null, "aside"],
  ["a file where a link is", file(1), link("x"), plain, null, "aside"],
  ["files of other sizes", file(1), file(2, "1:2"), plain, null, "aside"],
  ["files of one size", file(1), file(1, "1:2"), plain, null, "compare"],
  ["equal files", file(1), file(1, "1:2"), plain, "equal", "nothing"],
  ["differing files", file(1), file(1, "1:2"), plain, "different", "aside"],
  ["transcripts of other sizes", file(1), file(2, "1:2"), log, null, "compare"],
  ["a transcript that goes on", file(2), file(1, "1:2"), log, "sourceLonger", "replace"],
  ["a transcript that ends earlier", file(1), file(2, "1:2"), log, "targetLonger", "nothing"],
  ["transcripts that differ", file(1), file(2, "1:2"), log, "different", "aside"],
  ["a longer file that is no transcript", file(2), file(2, "1:2"), plain, "sourceLonger", "aside"],
  ["a new link", link("x"), null, plain, null, "placeLink"],
  ["the same link", link("x"), link("x"), plain, null, "nothing"],
  ["another link", link("x"), link("y"), plain, null, "aside"],
  ["a link where a file is", link("x"), file(1), plain, null, "aside"],
  ["a socket", other, null, plain, null, "leave"],
  ["a socket where a file is", other, file(1), plain, null, "leave"],
];

describe("joining trees", () => {
  test.each(TABLE)("%s", (_, source, target, growth, comparison, expected) => {
    expect(decideEntry({ source, target, ...growth, comparison })).toBe(expected);
  });

  test("only transcripts and histories grow", () => {
    expect(["a.jsonl", "a.json", "a", "jsonl"].map(isAppendOnly)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test("what is kept aside is no second transcript and has a name of its own", () => {
    const names = asideNames("0a1b.jsonl", "compte 2/x");
    const first = [names.next().value, names.next().value, names.next().value];
    expect(first).toEqual([
      "0a1b.jsonl.conflict-compte-2-x",
      "0a1b.jsonl.conflict-compte-2-x-2",
      "0a1b.jsonl.conflict-compte-2-x-3",
    ]);
  });
});
