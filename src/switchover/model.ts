import type { ErrorCode, ErrorDetails, FailoverError } from "../errors.ts";
import type { Json } from "../store/json.ts";
import type { NewSwitchover, SwitchoverEntry, SwitchoverSession } from "../store/switchovers.ts";

/** Why something was not done, as a value; the same fields as a FailoverError. */
export interface SwitchoverRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly details: ErrorDetails;
}

/** The refusal that an error stands for. */
export function refusalOf(error: FailoverError): SwitchoverRefusal {
  const { code, message, hint, details } = error;
  return { code, message, hint, details };
}

/** What a check found. `detail` goes into the step's journal row. */
export type CheckResult =
  { readonly refused: null; readonly detail?: Json } | { readonly refused: SwitchoverRefusal };

/** The client's lock directories of both homes, held by us. */
export interface HomeLocks {
  readonly refused: null;
  /** Locks that are no longer ours, because the process slept too long. */
  lost(): Promise<readonly string[]>;
  /** Gives them back. Safe to call twice. */
  release(): Promise<unknown>;
}

/** An account's place on the disk. */
export interface AccountPlace {
  readonly name: string;
  /** Absolute, as configured. */
  readonly home: string;
}

/** A link that sessions use as their config directory. */
export interface SlotPlace {
  /** Its name, by which the periods of its accounts are kept. */
  readonly name: string;
  /** Where the link is, absolute. */
  readonly path: string;
}

/** The sticky state in which no switchover is done until it is mended. */
export interface Held {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly switchoverId: number | null;
}

/** What is going to be done, in order; `history` shows the same names. */
export const STEPS = [
  "plan",
  "prepare",
  "lock",
  "flip",
  "verify",
  "continue",
  "flipBack",
  "recover",
] as const;
export type StepName = (typeof STEPS)[number];

/** One step of a plan, as `switchover --dry-run` prints it. */
export interface PlannedStep {
  readonly step: StepName;
  /** What it does, one sentence. */
  readonly text: string;
}

/** A session to be continued after the flip. */
export type SessionToContinue = Pick<SwitchoverSession, "name" | "strategy" | "sessionId">;

/** Everything a switchover needs to be executed, and what it will do. Plain data. */
export interface SwitchoverPlan {
  readonly entry: Omit<NewSwitchover, "startedAt">;
  readonly sessions: readonly SessionToContinue[];
  readonly steps: readonly PlannedStep[];
}

/** How a switchover ended. Faults of the store are thrown instead. */
export type SwitchoverResult =
  | { readonly kind: "committed"; readonly entry: SwitchoverEntry }
  /** Nothing was flipped. `entry` is null when nothing was journaled either. */
  | {
      readonly kind: "refused";
      readonly refusal: SwitchoverRefusal;
      readonly entry: SwitchoverEntry | null;
    }
  /** Flipped, and flipped back because of `refusal`. */
  | {
      readonly kind: "rolledBack";
      readonly refusal: SwitchoverRefusal;
      readonly entry: SwitchoverEntry;
    }
  | { readonly kind: "held"; readonly held: Held; readonly entry: SwitchoverEntry };
