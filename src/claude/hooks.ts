import type { Refusal } from "../policy/model.ts";
import { fieldsOf, textOf, type Fields } from "./fields.ts";
import { classifyRefusal } from "./refusal.ts";

/** What every hook of the client tells. `agentId` is set where a sub-agent's work fired it. */
interface HookBase {
  readonly sessionId: string;
  readonly transcriptPath: string;
  readonly cwd: string;
  readonly agentId: string | null;
  /** The prompt the turn belongs to; clients before about 2.1.200 leave it out of some hooks. */
  readonly promptId: string | null;
  /** What the session may do unasked (`default`, `plan`, …); not every hook says. */
  readonly permissionMode: string | null;
}

/** One hook event of the client (client facts 12, 19, 20). */
export type HookSignal =
  | (HookBase & {
      readonly kind: "sessionStarted";
      /** `startup`, `resume`, `clear`, `compact` or `fork`. */
      readonly source: string;
      readonly model: string | null;
    })
  | (HookBase & {
      readonly kind: "promptSubmitted";
      readonly prompt: string;
      /** Who wrote it: `user`, `sdk`, `system`, …; null where the client does not say. */
      readonly source: string | null;
    })
  | (HookBase & {
      readonly kind: "turnEnded";
      readonly lastMessage: string | null;
      /** How many background tasks and timers of the session will wake it again. */
      readonly backgroundTasks: number;
      /** The same in words, at most ten: what each is described as, or its command. */
      readonly background: readonly string[];
      readonly sessionCrons: number;
    })
  | (HookBase & {
      readonly kind: "turnRefused";
      /** The client's own `error` value; `refusal` is what it means. */
      readonly error: string;
      readonly lastMessage: string | null;
      readonly refusal: Refusal;
    })
  | (HookBase & {
      readonly kind: "notified";
      readonly notificationType: string;
      readonly message: string;
    })
  | (HookBase & { readonly kind: "sessionEnded"; readonly reason: string });

/** The client's own words for an end that a person asked for. */
const BY_OPERATOR = new Set(["prompt_input_exit", "logout"]);

/** Whether the reason that a client gave for its end is a person's wish. */
export function isOperatorsEnd(reason: string | undefined): boolean {
  return reason !== undefined && BY_OPERATOR.has(reason);
}

/** Notifications by which a client asks a person for something. */
const ASKING = new Set(["permission_prompt", "elicitation_dialog", "agent_needs_input"]);

export function asksPerson(signal: HookSignal): boolean {
  return signal.kind === "notified" && ASKING.has(signal.notificationType);
}

/**
 * Pure: one hook payload as a signal, or null for an event this project does not use and for
 * anything that is no payload. `at` is when it arrived, epoch ms: a reset time in its text counts
 * from there, in `localZone` (IANA; the machine's own by default) where it names no zone. Never
 * throws.
 */
export function parseHook(payload: unknown, at: number, localZone?: string): HookSignal | null {
  const fields = fieldsOf(payload);
  const sessionId = textOf(fields?.["session_id"]);
  if (fields === null || sessionId === null) return null;
  const refusalOf = (error: string, text: string) =>
    classifyRefusal({ channel: "hook", error, text, at, localZone });
  return signalOf(fields, refusalOf, {
    sessionId,
    transcriptPath: textOf(fields["transcript_path"]) ?? "",
    cwd: textOf(fields["cwd"]) ?? "",
    agentId: textOf(fields["agent_id"]),
    promptId: textOf(fields["prompt_id"]),
    permissionMode: textOf(fields["permission_mode"]),
  });
}

function signalOf(
  fields: Fields,
  refusalOf: (error: string, text: string) => Refusal,
  base: HookBase,
): HookSignal | null {
  const source = textOf(fields["source"]);
  const lastMessage = textOf(fields["last_assistant_message"]);
  switch (fields["hook_event_name"]) {
    case "SessionStart":
      return {
        ...base,
        kind: "sessionStarted",
        source: source ?? "startup",
        model: textOf(fields["model"]),
      };
    case "UserPromptSubmit":
      return { ...base, kind: "promptSubmitted", prompt: textOf(fields["prompt"]) ?? "", source };
    case "Stop":
      return {
        ...base,
        kind: "turnEnded",
        lastMessage,
        backgroundTasks: countOf(fields["background_tasks"]),
        background: backgroundWords(fields["background_tasks"]),
        sessionCrons: countOf(fields["session_crons"]),
      };
    case "StopFailure": {
      const error = textOf(fields["error"]) ?? "unknown";
      const text = lastMessage ?? textOf(fields["error_details"]) ?? "";
      return { ...base, kind: "turnRefused", error, lastMessage, refusal: refusalOf(error, text) };
    }
    case "Notification":
      return {
        ...base,
        kind: "notified",
        notificationType: textOf(fields["notification_type"]) ?? "",
        message: textOf(fields["message"]) ?? "",
      };
    case "SessionEnd":
      return { ...base, kind: "sessionEnded", reason: textOf(fields["reason"]) ?? "other" };
    default:
      return null;
  }
}

function countOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

const MOST_NAMED = 10;

function backgroundWords(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_NAMED).map((each: unknown) => {
    const task = fieldsOf(each);
    const words = ["description", "command", "type", "id"].map((key) => textOf(task?.[key]));
    return words.find((word) => word !== null && word !== "") ?? "unnamed";
  });
}
