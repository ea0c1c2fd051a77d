import { expect, it } from "vitest";
import { conversationNamed } from "../../../src/claude/screen-session.ts";

const A = "39d24607-f084-4044-8656-3bee48dc5806";
const B = "b7c11cef-90c0-47a4-9139-1c7eb589a0af";
const BANNER = " ▐▛███▛█   Claude Code v2.1.332";
const panel = (id: string): string[] => [
  "  Settings  Status   Config   Usage   Stats",
  "  Version:                    2.1.332                    ",
  `  Session ID:                 ${id}    `,
];
const ended = (id: string, flags = ""): string[] => [
  "Resume this session with:",
  `claude ${flags}--resume ${id}`,
  "$ ",
];
const one = (sessionId: string, hasEnded: boolean) => ({ kind: "one", sessionId, hasEnded });
const none = { kind: "none" };

it.each<readonly [string, string[], object]>([
  ["an open /status", [BANNER, "❯ hello", ...panel(A)], one(A, false)],
  ["the last words of a client", [BANNER, ...ended(A)], one(A, true)],
  ["those of one that had arguments", ended(A, "--settings /a b.json "), one(A, true)],
  ["the last of two that ended", [...ended(A), "$ claude", ...ended(B)], one(B, true)],
  ["one that ended before another began", [...ended(A), "$ claude", BANNER, "❯ "], none],
  ["the one that runs after it", [...ended(A), "$ claude", BANNER, ...panel(B)], one(B, false)],
  [
    "a panel whose client ended with another conversation",
    [BANNER, ...panel(A), ...ended(B)],
    { kind: "several", sessionIds: [A, B] },
  ],
  ["two panels", [...panel(A), ...panel(B)], { kind: "several", sessionIds: [A, B] }],
  ["such a line in a conversation", [BANNER, `  Session ID:   ${A}`], none],
  ["last words that are quoted", [BANNER, ...ended(A).map((line) => `  ${line}`)], none],
  ["words that are quoted alone", ["  Resume this session with:", `claude --resume ${A}`], none],
  ["a command that is quoted alone", ["Resume this session with:", `  claude --resume ${A}`], none],
  ["a command without the words", [`claude --resume ${A}`], none],
  ["a command that somebody typed", [`$ claude --resume ${A}`], none],
  ["an empty screen", [], none],
])("reads %s", (_what, lines, expected) => {
  expect(conversationNamed(lines)).toEqual(expected);
});
