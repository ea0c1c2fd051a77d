import { expect, test } from "vitest";
import { promptTurn } from "../../../src/claude/prompt-turn.ts";

const AT = Date.parse("2026-11-20T12:00:00.000Z");
let rows = 0;
function row(type: string, fields: object, atMs = 0): string {
  rows += 1;
  const timestamp = new Date(AT + atMs).toISOString();
  return JSON.stringify({ type, uuid: `u${rows}`, sessionId: "s", timestamp, ...fields });
}
const prompt = (text: string, promptId?: string, atMs = 0) =>
  row(
    "user",
    { message: { content: text }, ...(promptId === undefined ? {} : { promptId }) },
    atMs,
  );
const answer = (text: string | null, stop: string | null = "end_turn", atMs = 0) =>
  row(
    "assistant",
    {
      message: {
        model: "claude-opus-5-5",
        stop_reason: stop,
        content: text === null ? [{ type: "tool_use" }] : [{ type: "text", text }],
      },
    },
    atMs,
  );
const toolResult = (atMs = 0) =>
  row("user", { message: { content: [{ type: "tool_result" }] } }, atMs);
const sought = { promptId: "p1", text: "do it", since: AT };

test("a prompt that is not there is not found, whatever else is", () => {
  expect(promptTurn([prompt("other", "p0"), answer("x"), "half a li"], sought)).toBeNull();
});

test("a turn is over at an answer that ends it, and not before", () => {
  const lines = [prompt("before", "p0"), answer("old"), prompt("do it", "p1")];
  expect(promptTurn(lines, sought)).toMatchObject({ ended: false, answer: null, at: AT });
  lines.push(answer("Let me look.", "tool_use"), toolResult());
  expect(promptTurn(lines, sought)).toMatchObject({ ended: false, answer: "Let me look." });
  lines.push(answer("Done."));
  expect(promptTurn(lines, sought)).toMatchObject({ ended: true, answer: "Done." });
  lines.push(prompt("continue", "p2"));
  expect(promptTurn(lines, sought)).toMatchObject({ ended: false, answer: "Done." });
});

test("without an id the text counts, and only from when it was given out", () => {
  const byText = { ...sought, promptId: null };
  expect(promptTurn([prompt("do it", "p7", -60_000)], byText)).toBeNull();
  expect(promptTurn([prompt("do it\n", "p8")], byText)).toMatchObject({ promptId: "p8" });
  expect(promptTurn([prompt("do it", "p8"), prompt("do it", "p9")], byText)).toMatchObject({
    promptId: "p8",
  });
});

test("the last that was said counts, and not what a client writes when it starts again", () => {
  const lines = [prompt("do it", "p1"), answer("Let me look.", "tool_use", 10), toolResult(20)];
  const resumed = [
    row("attachment", {}, 90),
    row("user", { isMeta: true, message: { content: "Continue from where you left off." } }, 90),
    row("assistant", { message: { model: "<synthetic>", content: [] } }, 90),
  ];
  expect(promptTurn([...lines, ...resumed], sought)).toMatchObject({ lastAt: AT + 20 });
  lines.push(prompt("continue", "p2", 100));
  expect(promptTurn(lines, sought)).toMatchObject({ lastAt: AT + 100, at: AT });
});

test("a turn that a person ended is told as such", () => {
  const stop = row("user", { message: { content: "[Request interrupted by user]" } });
  expect(promptTurn([prompt("do it", "p1"), stop], sought)).toMatchObject({
    ended: false,
    interrupted: true,
  });
});
