import { randomUUID } from "node:crypto";
import type { HookResult } from "./hooks.ts";
import type { JsonObject } from "./json.ts";
import type { Refusal } from "./refusal.ts";

/** What every row of a transcript says about where it was written. */
export interface RowContext {
  readonly sessionId: string;
  readonly cwd: string;
  readonly version: string;
  readonly gitBranch: string;
  readonly permissionMode: string;
}

/** A row that is part of the chain: it names the one before it. */
export interface ChainedRow extends JsonObject {
  readonly uuid: string;
}

interface Chained {
  readonly context: RowContext;
  readonly parentUuid: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Rows that head each turn: the session's mode and whose account it is. */
export function headRows(context: RowContext, owner: JsonObject): JsonObject[] {
  const { sessionId } = context;
  return [
    { type: "mode", mode: "normal", sessionId },
    { type: "permission-mode", permissionMode: context.permissionMode, sessionId },
    { type: "session-owner", ...owner, sessionId },
    { type: "atis-latch", atis: "", sessionId },
  ];
}

/** The operator's prompt. `promptId` is the delivery receipt (client facts 20). */
export function promptRow(
  of: Chained & { promptId: string; text: string; index: number },
): ChainedRow {
  const { context, index } = of;
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    promptId: of.promptId,
    type: "user",
    message: { role: "user", content: of.text },
    ...stamp(of.now),
    permissionMode: context.permissionMode,
    origin: { kind: "human" },
    promptSource: "typed",
    turnOrigin: "human",
    turnPosition: { promptIndex: index, turnIndex: index },
    ...tail(context),
  };
}

/** A message of the model, as the API sent it. */
export function answerRow(
  of: Chained & { message: JsonObject; requestId: string | null; model: string },
): ChainedRow {
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    message: of.message,
    serverClassifierRequest: randomUUID(),
    apiBlockIndex: 0,
    ...(of.requestId === null ? {} : { requestId: of.requestId }),
    requestRef: randomUUID(),
    requestedModel: of.model,
    promptCacheRequested: "1h",
    type: "assistant",
    ...stamp(of.now),
    effort: "medium",
    perTurnEffort: "medium",
    madeBy: "model",
    session_id: of.context.sessionId,
    ...tail(of.context),
  };
}

/** What a tool gave back. */
export function toolResultRow(
  of: Chained & { promptId: string; toolUseId: string; content: string; assistantUuid: string },
): ChainedRow {
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    promptId: of.promptId,
    type: "user",
    message: {
      role: "user",
      content: [{ tool_use_id: of.toolUseId, type: "tool_result", content: of.content }],
    },
    ...stamp(of.now),
    sourceToolAssistantUUID: of.assistantUuid,
    ...tail(of.context),
  };
}

/** A refusal: the strongest evidence of a limit (client facts 11). */
export function refusalRow(
  of: Chained & {
    refusal: Refusal;
    status: number | null;
    type: string | null;
    requestId: string | null;
  },
): ChainedRow {
  const { refusal, status } = of;
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    type: "assistant",
    ...stamp(of.now),
    message: syntheticMessage(refusal.text),
    ...(of.requestId === null ? {} : { requestId: of.requestId }),
    ...(refusal.quota === null ? {} : quotaFields(refusal)),
    ...(refusal.isTransient ? { apiErrorIsTransient: true } : {}),
    error: refusal.error,
    isApiErrorMessage: true,
    ...(status === null ? {} : { apiErrorStatus: status }),
    ...(of.type === null ? {} : { apiErrorType: of.type }),
    perTurnEffort: "medium",
    failedResponseHadNoToolCall: true,
    ...(refusal.resendCannotCure ? { resendCannotCure: true } : {}),
    madeBy: "model",
    session_id: of.context.sessionId,
    ...tail(of.context),
  };
}

/** Something the client tells the operator, such as that it will continue by itself. */
export function noticeRow(of: Chained & { content: string }): ChainedRow {
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    type: "system",
    subtype: "informational",
    content: of.content,
    isMeta: false,
    ...stamp(of.now),
    level: "notice",
    ...tail(of.context),
  };
}

/** The end of a turn that was answered. */
export function turnDurationRow(
  of: Chained & { durationMs: number; messageCount: number },
): ChainedRow {
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    type: "system",
    subtype: "turn_duration",
    durationMs: of.durationMs,
    messageCount: of.messageCount,
    ...stamp(of.now),
    isMeta: false,
    ...tail(of.context),
  };
}

/** Which `Stop` hooks ran, and how they ended. */
export function hookSummaryRow(of: Chained & { ran: readonly HookResult[] }): ChainedRow {
  const failures = of.ran.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    type: "system",
    subtype: "stop_hook_summary",
    hookCount: of.ran.length,
    hookInfos: of.ran.map(({ command, durationMs }) => ({
      command,
      ...(durationMs === null ? {} : { durationMs }),
    })),
    hookErrors: failures,
    failedHookErrorIndexes: [],
    hookAdditionalContext: [],
    preventedContinuation: false,
    stopReason: "",
    hasOutput: false,
    level: "suggestion",
    ...stamp(of.now),
    toolUseID: randomUUID(),
    session_id: of.context.sessionId,
    ...tail(of.context),
  };
}

/** The operator pressed Escape while an answer was coming. */
export function interruptRow(
  of: Chained & { promptId: string; messageId: string | null },
): ChainedRow {
  return {
    parentUuid: of.parentUuid,
    isSidechain: false,
    promptId: of.promptId,
    type: "user",
    message: { role: "user", content: [{ type: "text", text: "[Request interrupted by user]" }] },
    ...stamp(of.now),
    ...(of.messageId === null ? {} : { interruptedMessageId: of.messageId }),
    session_id: of.context.sessionId,
    ...tail(of.context),
  };
}

/** A prompt typed while a turn ran was put in the queue, or taken out of it. */
export function queueRow(of: {
  context: RowContext;
  now: number;
  operation: "enqueue" | "dequeue";
  content?: string;
}): JsonObject {
  return {
    type: "queue-operation",
    operation: of.operation,
    timestamp: new Date(of.now).toISOString(),
    sessionId: of.context.sessionId,
    ...(of.content === undefined ? {} : { content: of.content }),
  };
}

/** After each turn: what was last asked, and the row the conversation ends with. */
export function lastPromptRow(context: RowContext, prompt: string, leafUuid: string): JsonObject {
  return { type: "last-prompt", lastPrompt: prompt, leafUuid, sessionId: context.sessionId };
}

function stamp(now: number): { uuid: string; timestamp: string } {
  return { uuid: randomUUID(), timestamp: new Date(now).toISOString() };
}

function tail(context: RowContext): JsonObject {
  return {
    userType: "external",
    entrypoint: "cli",
    cwd: context.cwd,
    sessionId: context.sessionId,
    version: context.version,
    gitBranch: context.gitBranch,
  };
}

function quotaFields(refusal: Refusal): JsonObject {
  const { unifiedRateLimitFallbackAvailable: _unused, ...info } = refusal.quota ?? {
    unifiedRateLimitFallbackAvailable: false,
  };
  return {
    apiError: "usage_limit_reached",
    apiErrorParams: { rate_limit_info: info },
    quotaLimits: refusal.quota,
  };
}

function syntheticMessage(text: string): JsonObject {
  return {
    diagnostics: null,
    id: randomUUID(),
    container: null,
    model: "<synthetic>",
    role: "assistant",
    stop_details: null,
    stop_reason: "stop_sequence",
    stop_sequence: "",
    type: "message",
    usage: {
      output_tokens_details: null,
      input_tokens: 0,
      output_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
      service_tier: null,
      cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
      inference_geo: null,
      iterations: null,
      speed: null,
      fallback_credit: null,
    },
    content: [{ type: "text", text }],
    context_management: null,
  };
}
