import { setTimeout as delay } from "node:timers/promises";
import { ask } from "./ask.ts";
import type { Reply } from "./ask.ts";
import { asText } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { LoginReader } from "./login.ts";
import { classify, noConnection, notLoggedIn } from "./refusal.ts";
import type { HttpError, Refusal } from "./refusal.ts";
import * as rows from "./rows.ts";
import type { ToolUse } from "./sse.ts";
import type { Tools } from "./tools.ts";
import type { ConversationMessage, Transcript } from "./transcript.ts";

/** What a turn works on. */
export interface TurnContext {
  readonly baseUrl: string;
  readonly model: string;
  readonly login: LoginReader;
  readonly tools: Tools;
  readonly transcript: Transcript;
  readonly rowContext: rows.RowContext;
  readonly messages: ConversationMessage[];
  readonly promptId: string;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  readonly onTool: (use: ToolUse) => void;
  /** Before each request: renews a login that ran out. */
  readonly beforeRequest: () => Promise<void>;
}

/** How a turn ended. */
export type TurnEnd =
  | {
      readonly kind: "answered";
      readonly text: string;
      readonly headers: Readonly<Record<string, string | undefined>>;
    }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly error: HttpError | null }
  | {
      readonly kind: "interrupted";
      readonly partial: string;
      /** Of the message that was cut off, where one had begun. */
      readonly messageId: string | null;
    };

const MAX_RETRIES = 10;
const AUTH_RETRY_MS = 600;

/** Asks the model until it has nothing more to call. The prompt is already in `messages`. */
export async function runTurn(context: TurnContext): Promise<TurnEnd> {
  for (;;) {
    const reply = await askPatiently(context);
    if (reply === null) return { kind: "refused", refusal: notLoggedIn, error: null };
    switch (reply.kind) {
      case "message": {
        const uuid = keepAnswer(context, reply.message, reply.requestId);
        if (reply.toolUses.length === 0) {
          return { kind: "answered", text: reply.text, headers: reply.headers };
        }
        await callTools(context, reply.toolUses, uuid);
        if (context.signal.aborted) {
          return {
            kind: "interrupted",
            partial: reply.text,
            messageId: asText(reply.message["id"]),
          };
        }
        break;
      }
      case "aborted":
        if (reply.text !== "") keepAnswer(context, reply.message, null);
        return { kind: "interrupted", partial: reply.text, messageId: asText(reply.message["id"]) };
      case "refused": {
        const host = new URL(context.baseUrl).host;
        const refusal = classify(reply.error, { host, now: Date.now() });
        return { kind: "refused", refusal, error: reply.error };
      }
      case "unreachable": {
        const refusal = noConnection(new URL(context.baseUrl).host);
        return { kind: "refused", refusal, error: null };
      }
    }
  }
}

/** Null when nobody is logged in. */
async function askPatiently(context: TurnContext): Promise<Reply | null> {
  let hasReread = false;
  for (let attempt = 1; ; attempt++) {
    await context.beforeRequest();
    const login = context.login.current();
    if (login === null) return null;
    const reply = await ask({
      baseUrl: context.baseUrl,
      token: login.accessToken,
      sessionId: context.rowContext.sessionId,
      model: context.model,
      messages: context.messages,
      signal: context.signal,
      onText: context.onText,
    });
    if (isAuthRefusal(reply) && !hasReread) {
      // A refused token may have been renewed by another session: the client looks once more.
      hasReread = true;
      context.login.reread();
      if (reply.error.status === 401) await wait(AUTH_RETRY_MS, context.signal);
    } else if (attempt > MAX_RETRIES || !isPassing(reply)) {
      return reply;
    } else {
      await wait(Math.min(500 * 2 ** (attempt - 1), 32_000), context.signal);
    }
  }
}

function isAuthRefusal(reply: Reply): reply is Extract<Reply, { kind: "refused" }> {
  return reply.kind === "refused" && (reply.error.status === 401 || reply.error.status === 403);
}

/** Nobody answered, or the server asks for a retry. */
function isPassing(reply: Reply): boolean {
  if (reply.kind === "unreachable") return true;
  return reply.kind === "refused" && reply.error.headers["x-should-retry"] === "true";
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function keepAnswer(context: TurnContext, message: JsonObject, requestId: string | null): string {
  const row = rows.answerRow({
    context: context.rowContext,
    parentUuid: context.transcript.lastUuid,
    now: Date.now(),
    message,
    requestId,
    model: context.model,
  });
  context.transcript.chain(row);
  context.messages.push({ role: "assistant", content: message["content"] });
  return row.uuid;
}

async function callTools(
  context: TurnContext,
  uses: readonly ToolUse[],
  assistantUuid: string,
): Promise<void> {
  const results: JsonObject[] = [];
  for (const use of uses) {
    context.onTool(use);
    const content = await context.tools.run(use, context.signal);
    results.push({ tool_use_id: use.id, type: "tool_result", content });
    context.transcript.chain(
      rows.toolResultRow({
        context: context.rowContext,
        parentUuid: context.transcript.lastUuid,
        now: Date.now(),
        promptId: context.promptId,
        toolUseId: use.id,
        content,
        assistantUuid,
      }),
    );
  }
  context.messages.push({ role: "user", content: results });
}
