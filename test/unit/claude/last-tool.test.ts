import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lastTool, readLastTool } from "../../../src/claude/last-tool.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { transcriptLine } from "../../support/transcript-line.ts";

const calls = (...uses: (readonly [string, string, object])[]): string =>
  transcriptLine("", {
    type: "assistant",
    message: {
      role: "assistant",
      model: "claude-x",
      stop_reason: "tool_use",
      content: uses.map(([id, name, input]) => ({ type: "tool_use", id, name, input })),
    },
  });
const result = (id: string): string =>
  transcriptLine("", {
    message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "ok" }] },
  });
const make = calls(["t1", "Bash", { command: "make\n  all", description: "build" }]);

describe("the last tool call", () => {
  test.each([
    ["is open without a result", [make], { name: "Bash", input: "make all", isOpen: true }],
    ["is over with one", [make, result("t1")], { name: "Bash", input: "make all", isOpen: false }],
    [
      "is over when somebody asked something else since",
      [make, transcriptLine("go on")],
      { name: "Bash", input: "make all", isOpen: false },
    ],
    [
      "of several at once is the one without a result",
      [
        calls(["t1", "Bash", { command: "slow" }], ["t2", "Read", { file_path: "/a/b", limit: 3 }]),
        result("t2"),
      ],
      { name: "Bash", input: "slow", isOpen: true },
    ],
    [
      "is the one that is open, also when another was called in a row after it",
      [make, calls(["t2", "Read", { file_path: "/a/b" }]), result("t2")],
      { name: "Bash", input: "make all", isOpen: true },
    ],
    [
      "is open still after what the client itself put in",
      [make, transcriptLine("Caveat: as below", { isMeta: true })],
      { name: "Bash", input: "make all", isOpen: true },
    ],
    [
      "is told with the beginning of a long input",
      [calls(["t1", "Bash", { command: "x".repeat(3_000) }])],
      { name: "Bash", input: "x".repeat(2_000), isOpen: true },
    ],
    [
      "is told with all of its input where no part says most",
      [calls(["t1", "Weather", { city: "Bern" }])],
      { name: "Weather", input: '{"city":"Bern"}', isOpen: true },
    ],
    ["is none where nothing was called", [transcriptLine("tool_use is a word"), "{half"], null],
  ])("%s", (_name, lines, expected) => {
    expect(lastTool(lines.join("").split("\n"))).toEqual(expected);
  });

  test("of a sub-agent is not the session's", () => {
    const aside = make.replace('"isSidechain":false', '"isSidechain":true');
    expect(lastTool(aside.split("\n"))).toBeNull();
  });

  test("is read from the end of a transcript, whose first line there may be half of one", async () => {
    const path = join(tempDir(), "long.jsonl");
    expect(await readLastTool(path)).toBeNull();
    const long = calls(["t0", "Write", { text: '"tool_use"'.repeat(20_000) }]);
    writeFileSync(path, long);
    expect(await readLastTool(path)).toBeNull();
    writeFileSync(path, `${long}${make}`);
    expect(await readLastTool(path)).toEqual({ name: "Bash", input: "make all", isOpen: true });
  });
});
