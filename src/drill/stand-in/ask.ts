import { Agent, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { asObject, asText, parseJson } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { HttpError } from "./refusal.ts";
import { MessageBuilder } from "./sse.ts";
import type { ToolUse } from "./sse.ts";
import type { ConversationMessage } from "./transcript.ts";

/** How one request ended. */
export type Reply =
  | {
      readonly kind: "message";
      readonly message: JsonObject;
      readonly text: string;
      readonly toolUses: readonly ToolUse[];
      readonly requestId: string | null;
      readonly headers: Readonly<Record<string, string | undefined>>;
    }
  | { readonly kind: "refused"; readonly error: HttpError }
  | { readonly kind: "unreachable" }
  /** Interrupted; `message` is what had come by then. */
  | { readonly kind: "aborted"; readonly text: string; readonly message: JsonObject };

export interface Question {
  readonly baseUrl: string;
  readonly token: string;
  readonly sessionId: string;
  readonly model: string;
  readonly messages: readonly ConversationMessage[];
  readonly signal: AbortSignal;
  /** Called with the text so far while it arrives. */
  readonly onText: (text: string) => void;
}

const agent = new Agent({ keepAlive: true });

/** Whether a base URL is one the stand-in talks to: it is no client for others. */
export function isLoopback(baseUrl: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(URL.parse(baseUrl)?.hostname ?? "");
}

/** Sends one real request. */
export async function ask(question: Question): Promise<Reply> {
  const url = new URL("/v1/messages?beta=true", question.baseUrl);
  const builder = new MessageBuilder();
  try {
    const response = await send(url, question);
    response.setEncoding("utf8");
    if (response.statusCode !== 200) {
      return { kind: "refused", error: await errorOf(response) };
    }
    for await (const chunk of response) {
      builder.feed(String(chunk));
      question.onText(builder.text);
    }
    if (!builder.isComplete) return { kind: "unreachable" };
    const { message, text, toolUses } = builder;
    const requestId = textHeader(response, "request-id");
    return { kind: "message", message, text, toolUses, requestId, headers: headersOf(response) };
  } catch (thrown) {
    if (question.signal.aborted) {
      return { kind: "aborted", text: builder.text, message: builder.message };
    }
    if (thrown instanceof Error && "code" in thrown) return { kind: "unreachable" };
    throw thrown;
  }
}

async function send(url: URL, question: Question): Promise<IncomingMessage> {
  const body = JSON.stringify({
    model: question.model,
    max_tokens: 1024,
    stream: true,
    system: "You are a stand-in.",
    tools: [{ name: "Bash", description: "Runs a command.", input_schema: { type: "object" } }],
    messages: question.messages,
    metadata: { user_id: JSON.stringify({ session_id: question.sessionId }) },
  });
  return await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request(url, {
      method: "POST",
      agent,
      signal: question.signal,
      headers: {
        authorization: `Bearer ${question.token}`,
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        "anthropic-version": "2023-06-01",
        "x-claude-code-session-id": question.sessionId,
      },
    });
    call.on("error", reject);
    call.on("response", resolve);
    call.end(body);
  });
}

async function errorOf(response: IncomingMessage): Promise<HttpError> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  const error = asObject(asObject(parseJson(text))["error"]);
  return {
    status: response.statusCode ?? 0,
    headers: headersOf(response),
    type: asText(error["type"]),
    message: asText(error["message"]) ?? text.slice(0, 200),
    requestId: textHeader(response, "request-id"),
  };
}

function headersOf(response: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.keys(response.headers).map((name) => [name, textHeader(response, name) ?? undefined]),
  );
}

function textHeader(response: IncomingMessage, name: string): string | null {
  return asText(response.headers[name]);
}
