/**
 * The words of the decision, and nothing that acts. Times are epoch milliseconds, percentages 0–100.
 */

/** What a refusal was. Only `usageLimit` is a reason to fail over at once (design: Detection). */
export const REFUSAL_CLASSES = [
  "usageLimit",
  "serverBusy",
  "auth",
  "billing",
  "orgPolicy",
  "overload",
  "contextOrRequest",
  "unknown",
] as const;
export type RefusalClass = (typeof REFUSAL_CLASSES)[number];

/** Which allowance is spent. A `model:` window leaves the account usable with other models. */
export type LimitWindow = "fiveHour" | "weekly" | "overage" | `model:${string}` | "unknown";

/** A refusal as one channel reports it, already classed; the pure parsers of `claude/` produce it. */
export interface Refusal {
  readonly class: RefusalClass;
  /** Only for `usageLimit`. */
  readonly window: LimitWindow | null;
  /** When the window resets, if the channel says so. */
  readonly resetsAt: number | null;
  /** The rule that matched, for `history`: e.g. `row:quotaLimits`, `hook:rate_limit+text`. */
  readonly pattern: string;
  /** The client's own words. */
  readonly text: string;
}

/** Where evidence came from, strongest first. */
export type EvidenceChannel = "row" | "hook" | "statusline" | "pane";

/** One observed refusal of one session's own turn, charged to the account its request was made under. */
export interface Evidence {
  readonly id: string;
  readonly channel: EvidenceChannel;
  readonly session: string;
  readonly sessionId: string;
  readonly promptId: string | null;
  readonly account: string;
  readonly refusal: Refusal;
  /** When the client made the request, as well as it is known. */
  readonly requestedAt: number;
  readonly observedAt: number;
}

export type AccountState =
  "active" | "standby" | "exhausted" | "quarantined" | "loggedOut" | "unknown";

export interface LimitationView {
  readonly code: string;
  readonly text: string;
}

export interface WindowUsage {
  readonly window: LimitWindow;
  readonly usedPercent: number | null;
  readonly resetsAt: number | null;
}

export interface AccountView {
  readonly name: string;
  /** Lower is preferred. */
  readonly priority: number;
  readonly exhaustedUntil: number | null;
  /** Reason text when quarantined, else null. */
  readonly quarantined: string | null;
  readonly loggedIn: boolean;
  readonly windows: readonly WindowUsage[];
}

export type SessionKind = "dedicated" | "pool" | "adopted";
export type SessionState =
  "starting" | "working" | "idle" | "asking" | "limited" | "held" | "dead";

export type DecisionKind = "stay" | "failover" | "propose" | "wait";

export interface Reason {
  readonly code: string;
  readonly text: string;
}
