/**
 * The configuration as the rest of the program sees it: checked, complete and frozen. Paths are
 * absolute, durations are milliseconds, every default is filled in. `docs/configuration.md` says
 * what each key means. No zod here: a verb that only needs the types must not pay for the schema.
 */

export const STRATEGIES = ["auto", "hot", "relaunch"] as const;
/** How a session moves to the new account: `auto` is hot where the client version is certified. */
export type Strategy = (typeof STRATEGIES)[number];

export const SLOTS = ["shared", "own"] as const;

export const AFTER_EXIT = ["stay", "restart"] as const;
/** What becomes of a dedicated session that its operator ended. */
export type AfterExit = (typeof AFTER_EXIT)[number];

export const MISSING_FOLDER = ["report", "create"] as const;
/** What is done where a session's folder is gone. */
export type MissingFolder = (typeof MISSING_FOLDER)[number];

export const RESUME_OFFERS = ["full", "summary", "ask"] as const;
/** What is answered when the client offers to resume a long conversation from a summary. */
export type ResumeOffer = (typeof RESUME_OFFERS)[number];

export const MODES = ["auto", "confirm", "notify"] as const;
/** What happens when the policy wants to move: it does, it asks, or it only tells. */
export type Mode = (typeof MODES)[number];

export const CANDIDATE_RULES = ["priority", "mostHeadroom", "soonestReset"] as const;
/** Which account takes over when several could. */
export type CandidateRule = (typeof CANDIDATE_RULES)[number];

export const OVERAGE = ["avoid", "allow"] as const;
/** Whether an account that would go on at a price is left. */
export type Overage = (typeof OVERAGE)[number];

export const ON_TROUBLE = ["failover", "stay"] as const;
/** What follows from a dead login, an unpaid bill or an organisation's rule. */
export type OnTrouble = (typeof ON_TROUBLE)[number];

export const TASK_PRIORITIES = ["critical", "high", "normal", "low"] as const;
/** How urgent a task is, most urgent first. */
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

export const STUCK_STEPS = ["report", "nudge", "interrupt"] as const;
/** What is done about a session that hangs at a task. */
export type StuckStep = (typeof STUCK_STEPS)[number];

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a notification can be about. A webhook without `events` gets all of them. */
export const NOTIFY_EVENTS = [
  "failover",
  "switchover",
  "failback",
  "rolledBack",
  "held",
  "recovered",
  "failoverRefused",
  "allExhausted",
  "noCandidate",
  "confirmNeeded",
  "accountQuarantined",
  "accountReleased",
  "authHold",
  "accountIdentity",
  "paidUsage",
  "sessionDead",
  "sessionAsking",
  "sessionStuck",
  "sessionNotContinued",
  "taskFailed",
  "taskAsking",
  "paused",
  "resumed",
  "started",
  "stopped",
  "crashed",
  "notStarted",
  "stale",
  "fault",
  "heartbeat",
] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** Defaults that more than one place must know. */
export const DEFAULTS = {
  slot: "~/.claude",
  sharedRoot: "~",
  pool: { prefix: "ccl-auto-", startIndex: 1, min: 1, max: 10, shrinkAfter: "10m" },
} as const;

/** Percent used (0–100) at which an account counts as spent, per window. */
export interface Thresholds {
  readonly fiveHour: number;
  readonly weekly: number;
}

export interface AccountConfig {
  readonly name: string;
  /** Absolute path of the account's home. */
  readonly home: string;
  /** Lower is preferred. */
  readonly priority: number;
  /** The account's own thresholds; those it does not set are `policy.thresholds`. */
  readonly ceiling: Thresholds;
  /** The identity this home must have, or null when any will do. */
  readonly email: string | null;
}

export interface DedicatedSessionConfig {
  readonly name: string;
  readonly cwd: string;
  /** Arguments for this session alone, after `claude.args`. */
  readonly args: readonly string[];
  /** Conversation this session must carry, lower-case uuid; null lets the program choose one. */
  readonly sessionId: string | null;
  readonly strategy: Strategy;
  /** The name of its slot. */
  readonly slot: string;
}

/** A link that sessions use as their config directory. */
export interface SlotConfig {
  /** `shared`, or the name of the session or group whose own it is. */
  readonly name: string;
  /** Absolute path of the link. */
  readonly path: string;
  /** The account it leads to when it is made, and prefers; null: where the shared slot leads then. */
  readonly account: string | null;
}

/** Interchangeable sessions `<prefix><n>`, n from `startIndex` to `startIndex + max - 1`. */
export interface PoolConfig {
  readonly prefix: string;
  readonly startIndex: number;
  readonly min: number;
  readonly max: number;
  readonly shrinkAfterMs: number;
  readonly cwd: string;
  readonly capabilities: readonly CapabilityConfig[];
}

/** What some sessions of the pool can do; `sessions` are their numbers, null for all of them. */
export interface CapabilityConfig {
  readonly name: string;
  readonly sessions: readonly number[] | null;
}

export interface PolicyConfig {
  readonly mode: Mode;
  readonly candidate: CandidateRule;
  readonly thresholds: Thresholds;
  readonly cooldownMs: number;
  readonly failback: { readonly enabled: boolean; readonly delayMs: number };
  readonly confirmTimeoutMs: number;
  readonly overage: Overage;
  readonly accountTrouble: OnTrouble;
}

export interface DispatchProjectConfig {
  readonly path: string;
  /** Lower goes first. */
  readonly priority: number;
}

export interface DispatchConfig {
  readonly projects: readonly DispatchProjectConfig[];
  /** How long a task waits until it goes before new ones a level above it. */
  readonly ageingMs: number;
  readonly models: Readonly<Partial<Record<TaskPriority, string | undefined>>>;
  readonly cooldownMs: number;
  readonly settleMs: number;
  readonly timeoutMs: number | null;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly stuck: { readonly afterMs: number; readonly steps: readonly StuckStep[] };
}

export const WEBHOOK_FORMATS = ["auto", "json", "slack", "discord", "ntfy"] as const;
/** What a webhook takes; `auto` goes by the address. */
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

export interface WebhookConfig {
  readonly name: string;
  /** The address, or the variable that holds it: one of the two. */
  readonly url: string | null;
  readonly urlEnv: string | null;
  /** The variable of a bearer token, or null. */
  readonly tokenEnv: string | null;
  readonly format: WebhookFormat;
  readonly events: readonly NotifyEvent[];
}

export interface NotifyConfig {
  readonly webhook: readonly WebhookConfig[];
  readonly telegram: {
    readonly tokenEnv: string;
    readonly chatId: string;
    readonly apiUrl: string;
    readonly events: readonly NotifyEvent[];
  } | null;
  readonly email: {
    readonly smtpUrlEnv: string;
    readonly from: string;
    readonly to: readonly string[];
    readonly events: readonly NotifyEvent[];
  } | null;
  readonly desktop: { readonly events: readonly NotifyEvent[] } | null;
  /** How often to say that all is well; null for never. */
  readonly heartbeatMs: number | null;
  /** The same is not said again within this time. */
  readonly repeatMs: number;
  /** Messages of one channel. */
  readonly perMinute: number;
  readonly templates: Readonly<Partial<Record<NotifyEvent, string | undefined>>>;
}

/** How much of our own is kept. */
export interface KeepConfig {
  readonly tasksMs: number;
  readonly taskBytes: number;
  readonly checkpointsMs: number;
  readonly evidenceMs: number;
  readonly usageMs: number;
  /** How many. */
  readonly events: number;
  readonly decisions: number;
  readonly databaseBytes: number;
  readonly logBytes: number;
}

export interface Config {
  /** Absolute path of the file this was read from. */
  readonly file: string;
  /** In the order written; at least one. */
  readonly accounts: readonly AccountConfig[];
  /** Absolute path of the shared switch point. */
  readonly slot: string;
  /** Every slot, the shared one first. */
  readonly slots: readonly [SlotConfig, ...SlotConfig[]];
  /** Absolute path of the folder of the links that are not shared. */
  readonly slotsDir: string;
  readonly shared: { readonly root: string; readonly links: readonly string[] };
  readonly claude: {
    /** A name to look up on PATH, or an absolute path. */
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    /** Whether a version that nobody has certified is drilled in the background. */
    readonly drill: boolean;
  };
  readonly tmux: { readonly socket: string; readonly configFile: string | null };
  readonly sessions: {
    readonly dedicated: readonly DedicatedSessionConfig[];
    readonly pool: PoolConfig | null;
    readonly nudge: string;
    readonly strategy: Strategy;
    readonly afterExit: AfterExit;
    readonly missingFolder: MissingFolder;
    readonly resumeOffer: ResumeOffer;
  };
  readonly policy: PolicyConfig;
  readonly dispatch: DispatchConfig;
  readonly notify: NotifyConfig;
  readonly api: {
    /** Loopback address; port 0 lets the system choose. */
    readonly listen: { readonly host: string; readonly port: number } | null;
    readonly tokenEnv: string;
  };
  readonly keep: KeepConfig;
  readonly log: { readonly level: LogLevel };
}
