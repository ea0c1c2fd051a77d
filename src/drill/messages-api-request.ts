import type { IncomingHttpHeaders } from "node:http";

/** One request the client sent, without any token. */
export interface RecordedRequest {
  /** 1, 2, 3 … in order of arrival. */
  readonly serial: number;
  readonly at: {
    /** `performance.now()` of this process when the request line had arrived, milliseconds. */
    readonly monotonicMs: number;
    /** Wall clock of the same moment, epoch milliseconds with a fraction. */
    readonly epochMs: number;
  };
  readonly method: string;
  readonly path: string;
  /** Whose token it carried; null without a token of ours. */
  readonly account: string | null;
  readonly model: string | null;
  /** The last thing the user said, without the client's own reminders. */
  readonly promptText: string;
  /** The client's session, from its header or `metadata.user_id`. */
  readonly sessionId: string | null;
  /** True for a request that goes on with the conversation (it offers tools), not a side request such as a title. */
  readonly isTurn: boolean;
  /** True when the last message carries a tool's result. */
  readonly hasToolResult: boolean;
  readonly messageCount: number;
  readonly stream: boolean;
  /** The behaviour that answered it. */
  readonly behaviour: string;
}

export type ParsedBody = Pick<
  RecordedRequest,
  "model" | "promptText" | "sessionId" | "isTurn" | "hasToolResult" | "messageCount" | "stream"
>;

const TOKEN = /^sk-ant-[a-z]+\d\d-(.+)-[^-]+$/;
const USER_ID_SESSION = /session_([0-9a-f-]{36})$/;

/** A made-up access token of an account. The last part tells one token of the account from the next. */
export function madeUpToken(options: { account: string; serial?: string }): string {
  return `sk-ant-oat01-${options.account}-${options.serial ?? "0001"}`;
}

/** The account a made-up token in the request's headers belongs to, or null. */
export function accountOf(headers: IncomingHttpHeaders): string | null {
  const bearer = headers.authorization?.replace(/^Bearer /i, "");
  const apiKey = headers["x-api-key"];
  const token = bearer ?? (typeof apiKey === "string" ? apiKey : "");
  return TOKEN.exec(token)?.[1] ?? null;
}

/** Reads what is worth keeping out of a request body. A body that is no JSON gives empty values. */
export function parseBody(text: string, headers: IncomingHttpHeaders): ParsedBody {
  const body = asRecord(parseJson(text));
  const messages = Array.isArray(body["messages"]) ? body["messages"].map(asRecord) : [];
  const lastUser = messages.findLast((message) => message["role"] === "user");
  const tools = body["tools"];
  return {
    model: typeof body["model"] === "string" ? body["model"] : null,
    promptText: lastUserText(messages),
    sessionId: sessionOf(headers, asRecord(body["metadata"])["user_id"]),
    isTurn: Array.isArray(tools) && tools.length > 0,
    hasToolResult: blocksOf(lastUser).some((block) => block["type"] === "tool_result"),
    messageCount: messages.length,
    stream: body["stream"] === true,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function blocksOf(message: Record<string, unknown> | undefined): Record<string, unknown>[] {
  const content = message?.["content"];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content.map(asRecord) : [];
}

function lastUserText(messages: readonly Record<string, unknown>[]): string {
  for (const message of messages.toReversed()) {
    if (message["role"] !== "user") continue;
    const said = blocksOf(message)
      .map((block) => (block["type"] === "text" ? String(block["text"]) : ""))
      .filter((text) => text.trim() !== "" && !text.trimStart().startsWith("<system-reminder>"));
    const last = said.at(-1);
    if (last !== undefined) return last;
  }
  return "";
}

function sessionOf(headers: IncomingHttpHeaders, userId: unknown): string | null {
  const header = headers["x-claude-code-session-id"];
  if (typeof header === "string") return header;
  if (typeof userId !== "string") return null;
  const asJson = asRecord(parseJson(userId))["session_id"];
  if (typeof asJson === "string") return asJson;
  return USER_ID_SESSION.exec(userId)?.[1] ?? null;
}
