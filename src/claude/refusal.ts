import type { EvidenceChannel, LimitWindow, Refusal, RefusalClass } from "../policy/model.ts";
import { fieldsOf, secondsToMs, textOf } from "./fields.ts";
import {
  limitTextKind,
  straighten,
  windowOfRateLimitType,
  windowOfText,
  type LimitTextKind,
} from "./limit-text.ts";
import { machineZone, parseResetTime } from "./reset-time.ts";

/** What a channel of the client says about a request that was refused. */
export interface RefusalInput {
  readonly channel: EvidenceChannel;
  /** The client's structured `error` value; null where the channel has none (text on a screen). */
  readonly error: string | null;
  /** The client's own words. */
  readonly text: string;
  readonly apiErrorStatus?: number | null | undefined;
  /** The `quotaLimits` of a transcript row, as it stands there. */
  readonly quotaLimits?: unknown;
  /** When the client wrote it, epoch ms; a clock time in the text counts from here. */
  readonly at: number;
  /** IANA zone of a clock time without one; the machine's own by default. */
  readonly localZone?: string | undefined;
}

type Verdict = readonly [RefusalClass, via: "quotaLimits" | "text" | "status" | "error"];

/** A long conversation had to be compacted first, and that request was the one refused (2.1.240 on). */
const NOT_COMPACTED = /^Prompt is too long · automatic compaction failed: /;

/**
 * Pure: what a refusal was (client facts 11–17). `usageLimit` needs a structured origin: the error
 * `rate_limit`, and either the quota the server rejected or one of the vendor's own limit texts at
 * the beginning; or the client's own word that such a text kept it from compacting. Warnings, and the
 * same words anywhere else, never are one.
 */
export function classifyRefusal(input: RefusalInput): Refusal {
  const text = straighten(input.text).replace(NOT_COMPACTED, "");
  const quota = fieldsOf(input.quotaLimits);
  const [refusalClass, via] = verdictOf(input, text);
  const isLimit = refusalClass === "usageLimit";
  const source = via === "quotaLimits" ? via : `${input.error ?? "text"}`;
  return {
    class: refusalClass,
    window: isLimit ? windowOf(textOf(quota?.["rateLimitType"]), text) : null,
    resetsAt: isLimit
      ? (secondsToMs(quota?.["resetsAt"]) ??
        secondsToMs(quota?.["overageResetsAt"]) ??
        parseResetTime(text, input.at, input.localZone ?? machineZone()))
      : null,
    pattern: `${input.channel}:${source}${via === "text" || via === "status" ? `+${via}` : ""}`,
    text: input.text,
  };
}

function windowOf(rateLimitType: string | null, text: string): LimitWindow {
  const typed = rateLimitType === null ? null : windowOfRateLimitType(rateLimitType, text);
  return typed ?? windowOfText(text);
}

/** An organisation that may not use the service; a new login does not help. */
const ORG_DISABLED =
  /^(?:Your organization has disabled|Your ANTHROPIC_API_KEY belongs to a disabled organization|(?:Please run \/login · |Failed to authenticate\. )?API Error: 40[03] .*\borganization has been disabled\b)/;
const BAD_KEY = /^(?:Not logged in|Invalid API key|Invalid auth token)\b/;
const PAYMENT_DUE = /\bpayment is past due\b/;
const SPEND_LIMIT = /^(?:API Error: Request rejected \(429\) · )?spend limit reached\b/i;
const LONG_CONTEXT = /^API Error: (?:Usage credits|Extra usage) (?:is |are )?required for/;
const HIGH_LOAD = /\bis experiencing high load\b/;

function verdictOf(input: RefusalInput, text: string): Verdict {
  if (ORG_DISABLED.test(text) && input.error !== null) return ["orgPolicy", "text"];
  switch (input.error) {
    case "rate_limit":
      return rateLimitVerdict(limitTextKind(text), text, input.quotaLimits);
    case "authentication_failed":
    case "account_on_hold":
    case "verification_required":
    case "cloud_credential_error":
      return ["auth", "error"];
    case "oauth_org_not_allowed":
      return PAYMENT_DUE.test(text) ? ["billing", "text"] : ["orgPolicy", "error"];
    case "billing_error":
      return ["billing", "error"];
    case "overloaded":
    case "server_error":
      return ["overload", "error"];
    case "invalid_request":
      if (NOT_COMPACTED.test(straighten(input.text))) return compactionVerdict(text);
      return BAD_KEY.test(text) ? ["auth", "text"] : ["contextOrRequest", "error"];
    case "max_output_tokens":
    case "model_not_found":
      return ["contextOrRequest", "error"];
    case null:
    default:
      return statusVerdict(input.apiErrorStatus ?? statusInText(text));
  }
}

function rateLimitVerdict(kind: LimitTextKind | null, text: string, quotaLimits: unknown): Verdict {
  const quota = fieldsOf(quotaLimits);
  if (SPEND_LIMIT.test(text)) return ["billing", "text"];
  if (kind === "serverBusy") return ["serverBusy", "text"];
  if (kind === "orgPolicy") return ["orgPolicy", "text"];
  if (quota?.["dailyCapPaused"] === true) return ["orgPolicy", "quotaLimits"];
  if (quota?.["status"] === "rejected") return ["usageLimit", "quotaLimits"];
  if (kind === "limit") return ["usageLimit", "text"];
  if (text === "") return ["unknown", "error"];
  if (LONG_CONTEXT.test(text)) return ["contextOrRequest", "text"];
  return HIGH_LOAD.test(text) ? ["overload", "text"] : ["serverBusy", "error"];
}

/** What kept the client from compacting is told in its words alone. */
function compactionVerdict(reason: string): Verdict {
  const kind = limitTextKind(reason);
  if (kind === "limit") return ["usageLimit", "text"];
  if (kind === "serverBusy" || kind === "orgPolicy") return [kind, "text"];
  const status = statusInText(reason);
  return status === null ? ["contextOrRequest", "error"] : statusVerdict(status);
}

/** Older clients (2.1.100) report a server's fault as `unknown` and its status only in the text. */
function statusInText(text: string): number | null {
  const status = /^(?:Please run \/login · )?API Error: (\d{3})\b/.exec(text)?.[1];
  return status === undefined ? null : Number(status);
}

function statusVerdict(status: number | null): Verdict {
  if (status === null) return ["unknown", "error"];
  if (status === 402) return ["billing", "status"];
  if (status === 401 || status === 403) return ["auth", "status"];
  if (status === 429) return ["serverBusy", "status"];
  if (status >= 500) return ["overload", "status"];
  return status >= 400 ? ["contextOrRequest", "status"] : ["unknown", "error"];
}
