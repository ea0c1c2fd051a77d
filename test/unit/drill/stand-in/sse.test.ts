import { expect, it } from "vitest";
import { MessageBuilder } from "../../../../src/drill/stand-in/sse.ts";

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

const START = event("message_start", {
  message: { id: "m", role: "assistant", stop_reason: null },
});

it("puts a streamed text together however it is cut", () => {
  const stream =
    START +
    event("content_block_start", { content_block: { type: "text", text: "" } }) +
    event("content_block_delta", { delta: { type: "text_delta", text: "one " } }) +
    event("content_block_delta", { delta: { type: "text_delta", text: "two" } }) +
    event("message_delta", { delta: { stop_reason: "end_turn" } }) +
    event("message_stop", {});
  for (const size of [1, 7, stream.length]) {
    const builder = new MessageBuilder();
    for (let at = 0; at < stream.length; at += size) builder.feed(stream.slice(at, at + size));
    expect(builder.text).toBe("one two");
    expect(builder.isComplete).toBe(true);
    expect(builder.message).toMatchObject({ id: "m", stop_reason: "end_turn" });
  }
});

it("reads a tool call", () => {
  const builder = new MessageBuilder();
  builder.feed(START);
  builder.feed(
    event("content_block_start", {
      content_block: { type: "tool_use", id: "t", name: "Bash", input: {} },
    }),
  );
  const delta = { type: "input_json_delta", partial_json: '{"command":' };
  builder.feed(event("content_block_delta", { delta }));
  builder.feed(event("content_block_delta", { delta: { ...delta, partial_json: '"true"}' } }));
  expect(builder.toolUses).toEqual([{ id: "t", name: "Bash", input: { command: "true" } }]);
});

it("is not complete when the stream breaks off", () => {
  const builder = new MessageBuilder();
  builder.feed(START);
  expect(builder.isComplete).toBe(false);
});
