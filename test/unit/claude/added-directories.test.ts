import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addedDirectories, addedDirectory } from "../../../src/claude/added-directories.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A row as the client writes it (2.1.150, 2.1.332). */
function row(content: unknown, fields: object = {}): string {
  return JSON.stringify({ type: "user", message: { role: "user", content }, ...fields });
}
const bold = (path: string): string => `\u001b[1m${path}\u001b[22m`;
const told = (text: string): string => `<local-command-stdout>${text}</local-command-stdout>`;
const HINT = "\u001b[2m· /permissions to manage\u001b[22m";
const added = (path: string): string =>
  told(`Added ${bold(path)} as a working directory for this session ${HINT}`);

it.each<readonly [string, string, string | null]>([
  ["what was added", row(added("/home/op/two words")), "/home/op/two words"],
  [
    "nothing of what was saved, which the client remembers",
    row(told(`Added ${bold("/a")} as a working directory and saved to local settings ${HINT}`)),
    null,
  ],
  [
    "nothing of what was there already",
    row(told(`${bold("/a")} is already added as a working directory.`)),
    null,
  ],
  [
    "nothing of what was refused",
    row(told(`Did not add ${bold("/a")} as a working directory.`)),
    null,
  ],
  ["nothing of what a prompt quotes", row(`It said: ${added("/a")}`), null],
  ["nothing of what a tool showed", row([{ type: "tool_result", content: added("/a") }]), null],
  ["nothing of what the model says", row(added("/a"), { type: "assistant" }), null],
  ["nothing of a sub-agent's", row(added("/a"), { isSidechain: true }), null],
  ["nothing of a path that is not absolute", row(added("a")), null],
  ["nothing of half a row", row(added("/a")).slice(0, -9), null],
])("tells %s", (_what, line, directory) => {
  expect(addedDirectory(line)).toBe(directory);
});

it("finds each of them once, in order, the last line included", () => {
  const path = join(tempDir(), "t.jsonl");
  const lines = [
    row("first"),
    row(added("/one")),
    row(`Why " as a working directory for this session"?`),
    row(added("/größer")),
    row(added("/one")),
    row(added("/last")),
  ];
  writeFileSync(path, lines.join("\n"));
  expect(addedDirectories(path)).toEqual(["/one", "/größer", "/last"]);
});

it("finds none in a file that is empty or gone", () => {
  const path = join(tempDir(), "t.jsonl");
  expect(addedDirectories(path)).toEqual([]);
  writeFileSync(path, "");
  expect(addedDirectories(path)).toEqual([]);
});
