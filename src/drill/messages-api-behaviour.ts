import type { RecordedRequest } from "./messages-api-request.ts";

/** How full one usage window is: percent 0–100 and the reset as epoch seconds. */
export interface WindowUse {
  readonly usedPercent: number;
  readonly resetsAt: number;
}

/** What answers tell the client about its usage windows; the status line shows it. */
export interface Utilization {
  readonly fiveHour?: WindowUse;
  readonly sevenDay?: WindowUse;
}

/** A tool call the model makes before it answers with text. */
export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The usage windows the client knows by name; `limit` takes any other text as well. */
export type LimitType =
  "five_hour" | "seven_day" | "seven_day_opus" | "seven_day_sonnet" | (string & {});

export interface AnswerBehaviour {
  readonly kind: "answer";
  /** The text of the answer; by default it names the account and counts its turns. */
  readonly text?: string | ((request: RecordedRequest) => string);
  /** Called once per prompt, before the text; tool results are then answered with the text. */
  readonly tool?: ToolCall;
  readonly utilization?: Utilization;
  /** Headers besides those of the utilization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds the text takes to arrive, in ten pieces; 0 by default. */
  readonly durationMs?: number;
}

interface Refusal<Kind extends string> {
  readonly kind: Kind;
  /** The sentence in the error body. */
  readonly message?: string;
  /** Sent as `x-should-retry`; false by default, so that the client reports the refusal at once. */
  readonly retry?: boolean;
}

/** A usage limit: HTTP 429 with the headers that name the window and its reset (epoch seconds). */
export interface LimitBehaviour extends Refusal<"limit"> {
  readonly type: LimitType;
  readonly resetsAt: number;
  /** What it says of extra usage: refused by default, null for nothing at all. */
  readonly overageStatus?: string | null;
  readonly utilization?: Utilization;
}

/** Any other refusal, as it is told. */
export interface RawBehaviour extends Refusal<"raw"> {
  readonly status: number;
  /** The type of the error in the body. */
  readonly type: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type RefusalBehaviour =
  | LimitBehaviour
  | RawBehaviour
  | Refusal<"busy">
  | Refusal<"overload">
  | Refusal<"error">
  | Refusal<"auth">
  | Refusal<"forbidden">
  | Refusal<"credit">;

/** What the stand-in does with a request. `slow` waits `ms` before the first byte of `next`. */
export type Behaviour =
  | AnswerBehaviour
  | RefusalBehaviour
  | { readonly kind: "slow"; readonly ms: number; readonly next?: Behaviour }
  | { readonly kind: "hang" };

export interface HttpRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { type: "error"; error: { type: string; message: string }; request_id: string };
}

interface RefusalShape {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

const REFUSALS: Readonly<Record<Exclude<RefusalBehaviour["kind"], "raw">, RefusalShape>> = {
  limit: {
    status: 429,
    type: "rate_limit_error",
    message: "This request would exceed your account's rate limit. Please try again later.",
  },
  busy: {
    status: 429,
    type: "rate_limit_error",
    message: "Number of request tokens has exceeded your per-minute rate limit",
  },
  overload: { status: 529, type: "overloaded_error", message: "Overloaded" },
  error: { status: 500, type: "api_error", message: "Internal server error" },
  auth: { status: 401, type: "authentication_error", message: "OAuth token has expired." },
  forbidden: {
    status: 403,
    type: "permission_error",
    message: "OAuth token does not meet scope requirement",
  },
  credit: {
    status: 400,
    type: "invalid_request_error",
    message:
      "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
  },
};

/** The HTTP answer of a refusal. `requestId` ends up in the client's transcript row. */
export function refusalOf(behaviour: RefusalBehaviour, requestId: string): HttpRefusal {
  const shape = behaviour.kind === "raw" ? behaviour : REFUSALS[behaviour.kind];
  const message = behaviour.message ?? shape.message;
  return {
    status: shape.status,
    headers: {
      "x-should-retry": String(behaviour.retry ?? false),
      ...(behaviour.kind === "limit" ? limitHeaders(behaviour) : {}),
      ...(behaviour.kind === "raw" ? behaviour.headers : {}),
    },
    body: { type: "error", error: { type: shape.type, message }, request_id: requestId },
  };
}

/** The usage headers of a successful answer (client facts 14). */
export function answerHeaders(utilization: Utilization | undefined): Record<string, string> {
  if (utilization === undefined) return {};
  const first = utilization.fiveHour ?? utilization.sevenDay;
  return {
    "anthropic-ratelimit-unified-status": "allowed",
    ...(first ? { "anthropic-ratelimit-unified-reset": String(first.resetsAt) } : {}),
    "anthropic-ratelimit-unified-representative-claim": utilization.fiveHour
      ? "five_hour"
      : "seven_day",
    ...windowHeaders("5h", "allowed", utilization.fiveHour),
    ...windowHeaders("7d", "allowed", utilization.sevenDay),
  };
}

function limitHeaders(limit: LimitBehaviour): Record<string, string> {
  const overageStatus = limit.overageStatus === undefined ? "rejected" : limit.overageStatus;
  const full = { usedPercent: 100, resetsAt: limit.resetsAt };
  const fiveHour = limit.type === "five_hour" ? full : limit.utilization?.fiveHour;
  const sevenDay = limit.type === "seven_day" ? full : limit.utilization?.sevenDay;
  return {
    "anthropic-ratelimit-unified-status": "rejected",
    "anthropic-ratelimit-unified-reset": String(limit.resetsAt),
    "anthropic-ratelimit-unified-representative-claim": limit.type,
    ...(overageStatus === null
      ? {}
      : { "anthropic-ratelimit-unified-overage-status": overageStatus }),
    ...windowHeaders("5h", limit.type === "five_hour" ? "rejected" : "allowed", fiveHour),
    ...windowHeaders("7d", limit.type === "seven_day" ? "rejected" : "allowed", sevenDay),
  };
}

function windowHeaders(
  window: "5h" | "7d",
  status: string,
  use: WindowUse | undefined,
): Record<string, string> {
  if (use === undefined) return {};
  const prefix = `anthropic-ratelimit-unified-${window}`;
  return {
    [`${prefix}-status`]: status,
    [`${prefix}-utilization`]: String(use.usedPercent / 100),
    [`${prefix}-reset`]: String(use.resetsAt),
  };
}
