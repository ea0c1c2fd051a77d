/** What the Messages API answered instead of a message. */
export interface HttpError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly type: string | null;
  readonly message: string;
  readonly requestId: string | null;
}

/** A usage limit as the client keeps it; becomes `quotaLimits` of the row (client facts 11). */
export interface QuotaLimits {
  readonly status: "rejected";
  readonly resetsAt?: number;
  readonly unifiedRateLimitFallbackAvailable: boolean;
  readonly rateLimitType?: string;
  readonly overageStatus?: string;
  readonly isUsingOverage: boolean;
}

/** A refusal as the client shows, reports and records it. */
export interface Refusal {
  /** `error` of the `StopFailure` hook and of the row (client facts 12). */
  readonly error: string;
  /** `last_assistant_message` of the hook and the text of the row. */
  readonly text: string;
  /** What the screen says where that differs. */
  readonly shown: string;
  /** How the screen sets it: as a result (`⎿`) or as a message (`●`). */
  readonly form: "result" | "message";
  readonly quota: QuotaLimits | null;
  /** Dim text in the empty composer afterwards. */
  readonly placeholder: string | null;
  /** Sending the same again is of no use. */
  readonly resendCannotCure: boolean;
  /** The server's own limit, which passes. */
  readonly isTransient: boolean;
}

const LOGIN_PLACEHOLDER = "Once fixed, resend your message";
const RETRY_PLACEHOLDER = "Resend your message to try again";

/** What the client says when it holds no login at all (client facts 9). */
export const notLoggedIn: Refusal = {
  error: "authentication_failed",
  text: "Not logged in · Please run /login",
  shown: "Not logged in · Please run /login",
  form: "result",
  quota: null,
  placeholder: LOGIN_PLACEHOLDER,
  resendCannotCure: false,
  isTransient: false,
};

/** Classes an error answer. `host` is where requests go; `now` in epoch milliseconds. */
export function classify(failed: HttpError, context: { host: string; now: number }): Refusal {
  if (failed.status === 429) return rateLimit(failed, context.now);
  const base = {
    form: "message",
    quota: null,
    resendCannotCure: false,
    isTransient: false,
  } as const;
  if (failed.status === 401 || failed.status === 403) {
    const text = `Please run /login · API Error: ${failed.status} ${failed.message}`;
    const error = "authentication_failed";
    return { ...base, error, text, shown: text, placeholder: LOGIN_PLACEHOLDER };
  }
  if (failed.status === 400 && failed.message.includes("credit balance is too low")) {
    return credit();
  }
  if (failed.status >= 500) {
    const text = `API Error: ${failed.status} ${failed.message.replace(/\.$/, "")}. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (${context.host}).`;
    return { ...base, error: "server_error", text, shown: text, placeholder: RETRY_PLACEHOLDER };
  }
  const text = `API Error: ${failed.status} ${failed.message}`;
  return { ...base, error: "invalid_request", text, shown: text, placeholder: null };
}

/** What the client says when nobody answers at all. */
export function noConnection(host: string): Refusal {
  const text = `API Error: Unable to connect to API (${host})`;
  return {
    error: "server_error",
    text,
    shown: text,
    form: "message",
    quota: null,
    placeholder: RETRY_PLACEHOLDER,
    resendCannotCure: false,
    isTransient: false,
  };
}

function credit(): Refusal {
  return {
    error: "billing_error",
    text: "Credit balance is too low",
    shown: "Credit balance too low · Add funds: https://platform.claude.com/settings/billing",
    form: "result",
    quota: null,
    placeholder: LOGIN_PLACEHOLDER,
    resendCannotCure: true,
    isTransient: false,
  };
}

function rateLimit(failed: HttpError, now: number): Refusal {
  const quota = quotaOf(failed);
  const base = {
    error: "rate_limit",
    placeholder: null,
    resendCannotCure: false,
    isTransient: quota === null,
  } as const;
  if (quota === null) {
    const text = `API Error: Server is temporarily limiting requests (not your usage limit) · ${failed.message}`;
    return { ...base, text, shown: text, form: "message", quota };
  }
  const resets = quota.resetsAt === undefined ? "" : ` · resets ${resetText(quota.resetsAt, now)}`;
  const text = `You've hit your ${limitName(quota)}${resets}`;
  return { ...base, text, shown: text, form: "result", quota };
}

function quotaOf(failed: HttpError): QuotaLimits | null {
  const header = (name: string): string | undefined =>
    failed.headers[`anthropic-ratelimit-unified-${name}`];
  const type = header("representative-claim");
  const overage = header("overage-status");
  if (type === undefined && overage === undefined) return null;
  const reset = header("reset");
  return {
    status: "rejected",
    ...(reset === undefined ? {} : { resetsAt: Math.round(Number(reset)) }),
    unifiedRateLimitFallbackAvailable: header("fallback") === "available",
    ...(type === undefined ? {} : { rateLimitType: type }),
    ...(overage === undefined ? {} : { overageStatus: overage }),
    isUsingOverage: overage === "allowed" || overage === "allowed_warning",
  };
}

const LIMIT_NAMES: Readonly<Record<string, string>> = {
  five_hour: "5-hour limit",
  seven_day: "weekly limit",
  seven_day_opus: "Opus limit",
  seven_day_sonnet: "Sonnet limit",
  seven_day_overage_included: "Fable limit",
};

/** The window or model is named only while extra usage is not refused as well (measured, 2.1.328). */
function limitName(quota: QuotaLimits): string {
  const type = quota.rateLimitType ?? "";
  if (quota.overageStatus === "rejected") return "limit";
  return LIMIT_NAMES[type] ?? "limit";
}

/** `1:44pm (UTC)` within a day, else `Nov 25, 1:24am (UTC)`. */
export function resetText(resetsAt: number, now: number, withZone = true): string {
  const at = new Date(resetsAt * 1000);
  const isSoon = resetsAt * 1000 - now <= 86_400_000;
  const day = at.toLocaleDateString("en-US", { month: "short", day: "numeric" });
  const minutes = at.getMinutes();
  const hour = at.getHours() % 12 === 0 ? 12 : at.getHours() % 12;
  const half = at.getHours() < 12 ? "am" : "pm";
  const clock = `${hour}${minutes === 0 ? "" : `:${String(minutes).padStart(2, "0")}`}${half}`;
  const zone = withZone ? ` (${Intl.DateTimeFormat().resolvedOptions().timeZone})` : "";
  return `${isSoon ? "" : `${day}, `}${clock}${zone}`;
}
