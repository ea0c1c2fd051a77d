import { describe, expect, test } from "vitest";
import { lastTool } from "../../../src/claude/last-tool.ts";
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
});
