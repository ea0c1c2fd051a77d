import type { JsonObject } from "./json.ts";
import type { Refusal } from "./refusal.ts";
import type { BackgroundTask } from "./tools.ts";

/** What every hook payload says. */
export interface PayloadContext {
  readonly sessionId: string;
  readonly transcriptPath: string;
  readonly cwd: string;
  /** The last prompt's id; null before the first. */
  readonly promptId: string | null;
  readonly permissionMode: string;
}

const effort = { level: "medium" };

export function promptPayload(context: PayloadContext, prompt: string): JsonObject {
  return {
    ...where(context),
    permission_mode: context.permissionMode,
    hook_event_name: "UserPromptSubmit",
    prompt,
  };
}

export function stopPayload(
  context: PayloadContext,
  said: { text: string; backgroundTasks: readonly BackgroundTask[] },
): JsonObject {
  return {
    ...where(context),
    permission_mode: context.permissionMode,
    effort,
    hook_event_name: "Stop",
    stop_hook_active: false,
    last_assistant_message: said.text,
    background_tasks: said.backgroundTasks,
    session_crons: [],
  };
}

export function failurePayload(context: PayloadContext, refusal: Refusal): JsonObject {
  return {
    ...where(context),
    effort,
    hook_event_name: "StopFailure",
    error: refusal.error,
    last_assistant_message: refusal.text,
  };
}

/** `source` says how the session began; only a fresh start names the model. */
export function startPayload(
  context: PayloadContext,
  how: { source: "startup" | "resume" | "clear"; model: string; answeredAt: number | null },
): JsonObject {
  const since = how.answeredAt === null ? 0 : Math.round((Date.now() - how.answeredAt) / 1000);
  return {
    ...where({ ...context, promptId: null }),
    hook_event_name: "SessionStart",
    source: how.source,
    ...(how.source === "startup" ? { model: how.model } : {}),
    ...(how.source === "resume"
      ? {
          seconds_since_last_response: since,
          context_tokens: 20,
          prompt_cache_likely_expired: since > 3600,
          estimated_cache_write_usd: 0.0002,
        }
      : {}),
  };
}

export function endPayload(context: PayloadContext, reason: string): JsonObject {
  return { ...where(context), hook_event_name: "SessionEnd", reason };
}

/** A minute of silence after an answer. */
export function idlePayload(context: PayloadContext): JsonObject {
  return {
    ...where(context),
    hook_event_name: "Notification",
    message: "Claude is waiting for your input",
    notification_type: "idle_prompt",
  };
}

function where(context: PayloadContext): JsonObject {
  return {
    session_id: context.sessionId,
    transcript_path: context.transcriptPath,
    cwd: context.cwd,
    ...(context.promptId === null ? {} : { prompt_id: context.promptId }),
  };
}
