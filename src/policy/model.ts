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
export type EvidenceChannel = "row" | "hook" | "statusline" | "pane" | "exit";

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

/** Why an account may not take over. */
export interface Limitation {
  readonly code: LimitationCode;
  readonly text: string;
}

export const LIMITATION_CODES = [
  "isActive",
  "exhausted",
  "quarantined",
  "loggedOut",
  "aboveCeiling",
  "nearlySpent",
  "modelSpent",
  "paidUsage",
  "linksBroken",
  "identityChanged",
] as const;
export type LimitationCode = (typeof LIMITATION_CODES)[number];

export interface WindowUsage {
  readonly window: LimitWindow;
  readonly usedPercent: number | null;
  readonly resetsAt: number | null;
  /** Until when a refusal spent it; null or left out where none did. */
  readonly exhaustedUntil?: number | null;
}

/** How fast a window is being spent, and what that leads to. */
export interface Forecast {
  /** Percentage points per hour over the last hour, or the last day of a window of a week. */
  readonly percentPerHour: number;
  /** When the window is full at this pace (epoch ms); null: not before its reset. */
  readonly limitAt: number | null;
}

export interface WindowForecast extends Forecast {
  readonly window: LimitWindow;
}

export interface AccountView {
  readonly name: string;
  /** Lower is preferred. */
  readonly priority: number;
  /** Per window, the percentage from which the account takes no new work. */
  readonly ceiling: { readonly fiveHour: number; readonly weekly: number };
  readonly exhaustedUntil: number | null;
  /** Why it is quarantined, else null. */
  readonly quarantined: string | null;
  /** When a refusal of its own quarantined it; null where nobody or an operator did. */
  readonly diedAt: number | null;
  /** Until when its requests are taken to be paid for beyond the plan, else null. */
  readonly paidUntil: number | null;
  readonly loggedIn: boolean;
  /** What is wrong with its shared links, else null. */
  readonly linkProblem: string | null;
  /** Why it is not who it should be, else null. */
  readonly identityProblem: string | null;
  readonly windows: readonly WindowUsage[];
}

export type SessionKind = "dedicated" | "pool" | "adopted";
export type SessionState = "starting" | "working" | "idle" | "asking" | "limited" | "held" | "dead";

export type Mode = "auto" | "confirm" | "notify";
export type CandidateRule = "priority" | "mostHeadroom" | "soonestReset";
export type Overage = "avoid" | "allow";
/** What follows from a login that is dead or a bill that is unpaid. */
export type OnTrouble = "failover" | "stay";

/** One frozen look at the world: all that `decide` may know. */
export interface Observation {
  readonly active: string;
  readonly accounts: readonly AccountView[];
  /** Refusals of turns that are still cut off, newest last. */
  readonly evidence: readonly Evidence[];
  /** The refusal by which the active account was exhausted last, in whatever slot, or null. */
  readonly limit: Evidence | null;
  readonly paused: boolean;
  /** The sentence of the held state, or null. */
  readonly held: string | null;
  readonly switchoverOpen: boolean;
  /** Why the sessions follow no account at all, else null. */
  readonly slotProblem: string | null;
  /** When the last automatic switch was committed, or null. */
  readonly lastSwitchAt: number | null;
  /** Since when the active account is the active one. */
  readonly activeSince: number;
  /** The account that an operator switched to and did not release, or null. */
  readonly pinned: string | null;
  /** A turn has just ended, or none is running: a move now comes at a turn's end. */
  readonly atTurnEnd: boolean;
  /** The models that sessions are on, as far as they told. */
  readonly models: readonly string[];
  /** How fast the active account's windows are being spent, as far as it can be said. */
  readonly spending: readonly WindowForecast[];
  /** How long after a reset it is believed, ms: many wait for the same one. */
  readonly jitterMs: number;
  /** `Due.key` of the proposal that was declined or that nobody answered, or null. */
  readonly answered: string | null;
  /** Accounts that refused a switchover a moment ago: taken only where nobody else may take over. */
  readonly refused: readonly string[];
}

export interface PolicySettings {
  readonly mode: Mode;
  readonly candidate: CandidateRule;
  readonly cooldownMs: number;
  readonly failback: { readonly enabled: boolean; readonly delayMs: number };
  readonly overage: Overage;
  readonly accountTrouble: OnTrouble;
}

export interface Reason {
  readonly code: ReasonCode;
  readonly text: string;
}

export const REASON_CODES = [
  "healthy",
  "held",
  "paused",
  "switchoverOpen",
  "slotAstray",
  "cooldown",
  "notConfirmed",
  "backOff",
  "modelOnly",
  "accountTrouble",
  "authHold",
  "nearLimit",
  "turnEnd",
  "pinned",
  "failbackLater",
  "declined",
  "allExhausted",
  "noCandidate",
  "limitReached",
  "limitReachedAsk",
  "limitReachedNotify",
  "accountDead",
  "paidUsage",
  "thresholdReached",
  "failbackDue",
  "resetPassed",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export interface AccountLimitations {
  readonly account: string;
  readonly limitations: readonly Limitation[];
}

interface DecisionBase {
  readonly reason: Reason;
  /** What stood in the way of every account, at the time. */
  readonly accounts: readonly AccountLimitations[];
}

/** A move that is due, whatever the mode makes of it. */
export interface Due {
  readonly cause: "failover" | "failback";
  readonly from: string;
  readonly to: string;
  /** The refusal it stands on; null where nobody was refused. */
  readonly trigger: Evidence | null;
  /** The same for the same reason to leave or return, whoever told it and whoever takes over. */
  readonly key: string;
}

/** What to do. `stay` with `until` asks to be decided again at that instant. */
export type Decision = DecisionBase &
  (
    | { readonly kind: "stay"; readonly until: number | null }
    | { readonly kind: "wait"; readonly until: number | null }
    /** The limit of the active account is over: the sessions it cut off may go on. */
    | { readonly kind: "continue"; readonly sessions: readonly string[] }
    | ({ readonly kind: "failover" } & Due)
    | ({ readonly kind: "propose" } & Due)
  );
