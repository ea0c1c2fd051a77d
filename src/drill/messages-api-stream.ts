import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { AnswerBehaviour, ToolCall } from "./messages-api-behaviour.ts";
import type { RecordedRequest } from "./messages-api-request.ts";

interface Answer {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly tool: ToolCall | null;
  readonly durationMs: number;
}

/** Sends one assistant message, streamed when the request asked for it. Ends early when the client went away. */
export async function sendAnswer(options: {
  response: ServerResponse;
  request: RecordedRequest;
  behaviour: AnswerBehaviour;
  headers: Readonly<Record<string, string>>;
  text: string;
}): Promise<void> {
  const { response, request, behaviour, headers } = options;
  const tool = request.isTurn && !request.hasToolResult ? (behaviour.tool ?? null) : null;
  const answer: Answer = {
    id: `msg_stand_in_${request.serial}`,
    model: request.model ?? "claude-stand-in",
    text: options.text,
    tool,
    durationMs: behaviour.durationMs ?? 0,
  };
  if (!request.stream) {
    response.writeHead(200, { ...headers, "content-type": "application/json" });
    response.end(JSON.stringify(wholeMessage(answer)));
    return;
  }
  response.writeHead(200, {
    ...headers,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  await streamMessage(response, answer);
}

function wholeMessage(answer: Answer): Record<string, unknown> {
  return {
    ...messageHead(answer),
    content: [answer.tool ? toolBlock(answer, answer.tool.input) : textBlock(answer.text)],
    stop_reason: answer.tool ? "tool_use" : "end_turn",
  };
}

async function streamMessage(response: ServerResponse, answer: Answer): Promise<void> {
  send(response, "message_start", { message: { ...messageHead(answer), stop_reason: null } });
  if (answer.tool) {
    send(response, "content_block_start", { index: 0, content_block: toolBlock(answer, {}) });
    const partial_json = JSON.stringify(answer.tool.input);
    send(response, "content_block_delta", {
      index: 0,
      delta: { type: "input_json_delta", partial_json },
    });
  } else {
    send(response, "content_block_start", { index: 0, content_block: textBlock("") });
    await streamText(response, answer);
  }
  if (response.destroyed) return;
  send(response, "content_block_stop", { index: 0 });
  send(response, "message_delta", {
    delta: { stop_reason: answer.tool ? "tool_use" : "end_turn", stop_sequence: null },
    usage: { output_tokens: 10 },
  });
  send(response, "message_stop", {});
  response.end();
}

async function streamText(response: ServerResponse, answer: Answer): Promise<void> {
  const pieces = answer.durationMs > 0 ? inPieces(answer.text, 10) : [answer.text];
  for (const text of pieces) {
    if (response.destroyed) return;
    send(response, "content_block_delta", { index: 0, delta: { type: "text_delta", text } });
    if (answer.durationMs > 0) await delay(answer.durationMs / pieces.length);
  }
}

function inPieces(text: string, count: number): string[] {
  const size = Math.max(1, Math.ceil(text.length / count));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

function send(response: ServerResponse, type: string, data: Record<string, unknown>): void {
  response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
}

function messageHead(answer: Answer): Record<string, unknown> {
  return {
    id: answer.id,
    type: "message",
    role: "assistant",
    model: answer.model,
    content: [],
    stop_sequence: null,
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 10,
    },
  };
}

function textBlock(text: string): Record<string, unknown> {
  return { type: "text", text };
}

function toolBlock(
  answer: Answer,
  input: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { type: "tool_use", id: `toolu_${answer.id}`, name: answer.tool?.name, input };
}
