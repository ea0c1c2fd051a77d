import type {
  AccountState,
  Limitation,
  LimitWindow,
  SessionKind,
  SessionState,
} from "../policy/model.ts";
import type { Verdict } from "../policy/strategy.ts";

/**
 * What every reading verb prints with `--json` and the API answers (design: Command line). Keys are
 * stable within a schema number; times are RFC 3339 UTC, durations end in `Ms`.
 */
export const SCHEMA = 1;

export interface WindowJson {
  readonly window: LimitWindow;
  readonly usedPercent: number | null;
  readonly resetsAt: string | null;
  /** Null where it cannot be said. */
  readonly forecast: ForecastJson | null;
}

/** What the pace of the last hour (of a week: the last day) leads to. */
export interface ForecastJson {
  readonly percentPerHour: number;
  /** Null: not before the reset. */
  readonly limitAt: string | null;
}

export interface IdentityJson {
  readonly email: string | null;
  readonly subscription: string | null;
}

export interface AccountJson {
  readonly name: string;
  readonly home: string;
  readonly state: AccountState;
  /** The names of the slots that lead to it. */
  readonly slots: readonly string[];
  readonly limitations: readonly Limitation[];
  readonly windows: readonly WindowJson[];
  readonly exhaustedUntil: string | null;
  readonly identity: IdentityJson | null;
  /** What its signals say against each other of a window that is spent, a sentence each. */
  readonly conflicts: readonly string[];
}

export interface SessionJson {
  readonly name: string;
  readonly kind: SessionKind;
  readonly state: SessionState;
  /** `shared`, or the name of its own slot. */
  readonly slot: string;
  /** Of its last turn. */
  readonly account: string | null;
  /** Where its slot leads now: of its next request. */
  readonly nextAccount: string | null;
  readonly sessionId: string | null;
  readonly cwd: string;
  readonly pid: number | null;
  readonly claudeVersion: string | null;
  /** As its status line named it last. */
  readonly model: string | null;
  readonly strategy: "hot" | "relaunch" | null;
  readonly since: string;
  /** As the client told it last. */
  readonly permissionMode: string | null;
  /** The tmux pane it runs in. */
  readonly pane: string | null;
  /** Its turn may end; it is given no new work. */
  readonly draining: boolean;
  /** The number of the task it has. */
  readonly task: number | null;
  /** What a person should know of it. */
  readonly note: SessionNoteJson | null;
}

export interface SessionNoteJson {
  readonly code: SessionNoteCode;
  readonly text: string;
}

export const SESSION_NOTES = [
  "ambiguous",
  "asking",
  "crashLoop",
  "backOff",
  "ended",
  "notStarted",
] as const;
export type SessionNoteCode = (typeof SESSION_NOTES)[number];

export interface SessionsJson {
  readonly schema: typeof SCHEMA;
  readonly sessions: readonly SessionJson[];
}

export interface HeldJson {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly since: string;
}

/** A move that waits for `confirm` or `decline`. */
export interface ProposalJson {
  readonly cause: "failover" | "switchover" | "failback";
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly at: string;
  /** Then nothing is done. */
  readonly until: string;
}

export interface DecisionJson {
  readonly code: string;
  readonly text: string;
  readonly at: string;
}

/** A link that sessions use as their config directory. */
export interface SlotJson {
  /** `shared`, or the name of the session or group whose own it is. */
  readonly name: string;
  readonly path: string;
  readonly account: string | null;
  readonly sessions: readonly string[];
  /** The account that an operator moved it to and did not release yet. */
  readonly pinned: string | null;
  readonly proposal: ProposalJson | null;
  readonly decision: DecisionJson | null;
}

export interface ClientJson {
  readonly version: string;
  readonly verdict: Verdict | null;
  /** What did not hold in a drill. */
  readonly why: string | null;
  readonly drilledAt: string | null;
}

export interface StatusJson {
  readonly schema: typeof SCHEMA;
  readonly daemon: {
    readonly running: boolean;
    readonly pid: number | null;
    readonly version: string;
    readonly paused: boolean;
    readonly startedAt: string | null;
  };
  /** The client that is installed; null before the daemon looked for the first time. */
  readonly client: ClientJson | null;
  /** Of the shared slot, as are `pinned`, `proposal` and `decision`. */
  readonly activeAccount: string | null;
  /** Every slot, the shared one first. */
  readonly slots: readonly SlotJson[];
  readonly held: HeldJson | null;
  /** The account that an operator switched to and did not release yet. */
  readonly pinned: string | null;
  readonly proposal: ProposalJson | null;
  readonly accounts: readonly AccountJson[];
  readonly sessions: readonly SessionJson[];
  readonly decision: DecisionJson | null;
  readonly lastSwitchover: SwitchoverJson | null;
}

export interface StepJson {
  readonly step: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string | null;
  readonly detail: unknown;
}

export interface ContinuedJson {
  readonly name: string;
  readonly strategy: "hot" | "relaunch";
  readonly sessionId: string | null;
  readonly outcome: string;
  readonly continuedMs: number | null;
  readonly proof: string | null;
}

export interface TriggerJson {
  readonly session: string;
  readonly class: string;
  readonly pattern: string;
  readonly snippet: string;
  readonly evidence: readonly unknown[];
}

export interface SwitchoverJson {
  readonly id: number;
  readonly cause: "failover" | "switchover" | "failback";
  /** The name of the slot that moved. */
  readonly slot: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: "committed" | "rolledBack" | "held" | null;
  readonly trigger: TriggerJson | null;
  readonly steps: readonly StepJson[];
  readonly sessions: readonly ContinuedJson[];
}

export interface HistoryJson {
  readonly schema: typeof SCHEMA;
  readonly entries: readonly SwitchoverJson[];
}

export interface EventJson {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly data: unknown;
}

/** The answer to a request that changes something; `done: false` is a refusal or nothing to do. */
export type ActionJson =
  | {
      readonly schema: typeof SCHEMA;
      readonly done: true;
      readonly text: string;
      readonly entry?: SwitchoverJson;
      readonly steps?: readonly PlannedStepJson[];
      readonly sessions?: readonly StoppedJson[];
    }
  | {
      readonly schema: typeof SCHEMA;
      readonly done: false;
      readonly code: string;
      readonly text: string;
      readonly hint: string;
      readonly exit: number;
      readonly sessions?: readonly StoppedJson[];
    };

/** What became of one session when all were to be ended, or would. */
export interface StoppedJson {
  readonly name: string;
  readonly outcome: "ended" | "wouldEnd" | "left" | "stillRuns" | "notRunning";
  readonly text: string;
}

export interface PlannedStepJson {
  readonly step: string;
  readonly text: string;
}

export interface ErrorJson {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}
