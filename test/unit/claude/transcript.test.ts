import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseTranscriptRow, turnAfter } from "../../../src/claude/transcript.ts";

const captured = readFileSync(
  new URL("../../fixtures/transcript-limit-and-continue.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n");

const base = {
  uuid: "u-2",
  parentUuid: "u-1",
  sessionId: "s-1",
  timestamp: "2026-11-20T10:44:03.419Z",
  isSidechain: false,
};
const parsedBase = {
  uuid: "u-2",
  sessionId: "s-1",
  at: Date.parse("2026-11-20T10:44:03.419Z"),
};

function parse(fields: object) {
  return parseTranscriptRow(JSON.stringify({ ...base, ...fields }), "UTC");
}

function user(content: unknown, fields: object = {}) {
  return parse({ type: "user", message: { role: "user", content }, promptId: "p-1", ...fields });
}

describe("the rows of a captured session", () => {
  it("are its prompts, answers, the refusal and the notices, in order", () => {
    expect(captured.map((line) => parseTranscriptRow(line)?.kind)).toEqual([
      "prompt",
      "answer",
      "other",
      "prompt",
      "refusal",
      "notice",
      "notice",
      "prompt",
      "answer",
      "other",
    ]);
  });

  it("carry the receipt, the limit and the model", () => {
    const rows = captured.map((line) => parseTranscriptRow(line, "UTC"));
    expect(rows[3]).toEqual({
      kind: "prompt",
      sessionId: "00000000-0000-4000-8000-000000000328",
      at: Date.parse("2026-11-20T10:44:03.419Z"),
      uuid: "f4f10b8d-0982-496a-9b0d-ca8473063f12",
      promptId: "95ee257f-fd48-4def-b9b1-51b054f255d8",
      text: "two",
      cwd: "/home/op/proj",
      isMeta: false,
    });
    expect(rows[4]).toMatchObject({
      error: "rate_limit",
      refusal: {
        class: "usageLimit",
        window: "fiveHour",
        resetsAt: 1795182243000,
        pattern: "row:quotaLimits",
        text: "You've hit your limit · resets 1:44pm (UTC)",
      },
    });
    expect(rows[8]).toMatchObject({ model: "claude-opus-5-5", stopReason: "end_turn" });
  });
});

describe("a user row", () => {
  it("with text blocks is a prompt of their lines", () => {
    const image = { type: "image", source: {} };
    const content = [{ type: "text", text: "look" }, image, { type: "text", text: "here" }];
    const expected = { kind: "prompt", promptId: "p-1", text: "look\nhere", cwd: null };
    expect(user(content)).toEqual({ ...parsedBase, ...expected, isMeta: false });
  });

  it("with a tool result is one, whatever stands beside it", () => {
    const content = [
      { type: "tool_result", tool_use_id: "t", content: "x" },
      { type: "text", text: "y" },
    ];
    expect(user(content)).toEqual({ ...parsedBase, kind: "toolResult", promptId: "p-1" });
  });

  it.each([
    ["a skill", "<command-message>doctor</command-message>\n<command-name>/doctor</command-name>"],
    ["such words of an operator", "## Context Usage\nWhy so much?"],
  ])("with %s is a prompt", (_what, content) => {
    expect(user(content)).toMatchObject({ kind: "prompt", text: content });
  });

  it("that the client wrote is marked", () => {
    expect(user("Output token limit hit.", { isMeta: true })).toMatchObject({ isMeta: true });
  });

  it.each([
    ["a command of the client's", "<command-name>/effort</command-name>\n   <command-message>", {}],
    ["what a command left for the model", "## Context Usage\n\n**Model:** x", { isMeta: true }],
    ["a command's output", "<local-command-stdout>done</local-command-stdout>", {}],
    ["a shell's output", "<bash-stdout>done</bash-stdout>", {}],
    ["an interruption", [{ type: "text", text: "[Request interrupted by user]" }], {}],
    ["a summary", "This session is being continued", { isCompactSummary: true }],
    ["a picture alone", [{ type: "image", source: {} }], {}],
    ["nothing", undefined, {}],
  ])("with %s is no prompt", (_what, content, fields) => {
    expect(user(content, fields)).toEqual({ ...parsedBase, kind: "other" });
  });
});

describe("an assistant row", () => {
  it("of an older client needs neither status nor quota to be a refusal", () => {
    const content = [{ type: "text", text: "You've hit your Opus limit · resets 3pm (UTC)" }];
    const message = { role: "assistant", model: "<synthetic>", content };
    expect(
      parse({ type: "assistant", message, isApiErrorMessage: true, error: "rate_limit" }),
    ).toMatchObject({
      kind: "refusal",
      refusal: { class: "usageLimit", window: "model:opus", pattern: "row:rate_limit+text" },
    });
  });

  it("that is synthetic without being an error is no answer", () => {
    const message = { model: "<synthetic>", content: [{ type: "text", text: "No response" }] };
    expect(parse({ type: "assistant", message })).toEqual({ ...parsedBase, kind: "other" });
  });
});

describe("a request row", () => {
  it("tells when the main conversation asked, and nothing of its helpers", () => {
    const { uuid: _none, ...fields } = base;
    const row = (querySource: string) =>
      parseTranscriptRow(
        JSON.stringify({
          type: "api-request",
          ...fields,
          id: "r-1",
          querySource,
          params: { model: "claude-opus-5-5" },
        }),
      );
    expect(row("repl_main_thread")).toMatchObject({ kind: "request", model: "claude-opus-5-5" });
    expect(row("agent:custom")).toBeNull();
  });
});

describe("a line that is no row of the session's own", () => {
  it.each([
    ["of a side chain", JSON.stringify({ ...base, type: "user", isSidechain: true })],
    ["half written", (captured[4] ?? "").slice(0, 900)],
    ["empty", ""],
    ["no JSON", "You've hit your limit"],
    ["a list", "[1]"],
    ["null", "null"],
    ["without a time", JSON.stringify({ ...base, type: "user", timestamp: "yesterday" })],
    ["without a session", JSON.stringify({ ...base, type: "user", sessionId: null })],
    ["of bookkeeping", '{"type":"last-prompt","lastPrompt":"one","sessionId":"s-1"}'],
    ["of a request's body", '{"type":"api-request-blob","sessionId":"s-1","message":{}}'],
  ])("is none when %s", (_what, line) => {
    expect(parseTranscriptRow(line)).toBeNull();
  });
});

it.each([
  ["tool_use", "goesOn"],
  ["pause_turn", "goesOn"],
  ["end_turn", "ended"],
  ["max_tokens", "ended"],
  ["one that is not known yet", "ended"],
  [null, null],
])("an answer whose stop reason is %s leaves its turn %s", (stopReason, expected) => {
  expect(turnAfter(stopReason)).toBe(expected);
});
