import type { Decision, Observation } from "../policy/model.ts";

/**
 * The words of the simulator. Times are epoch ms; a cost is in percentage points of the five-hour
 * and the weekly window of an account with capacity 1.
 */

/** A piece of work: wanted from `at`, runs for `ms` when nothing stops it. */
export interface Turn {
  readonly at: number;
  readonly session: string;
  readonly ms: number;
  readonly fiveHour: number;
  readonly weekly: number;
}

export interface SimulatedAccount {
  readonly name: string;
  /** Lower is preferred. */
  readonly priority: number;
  /** How many times the usage of the account that costs are told in. */
  readonly capacity: number;
  /** An instant at which its week begins anew; epoch ms. */
  readonly weeklyResetAt: number;
  /** Whether it goes on at a price when a window is full. */
  readonly paidUsage: boolean;
}

/** What decides. Ours is `decide` itself; the others are told from the same observation. */
export interface SimulatedPolicy {
  readonly name: string;
  /** From which percentage an account takes no new work, per window; 100 for never. */
  readonly ceiling: { readonly fiveHour: number; readonly weekly: number };
  /** What it knows of usage: the clients' own answers, or every account's at any time (by polling). */
  readonly knows: "answers" | "everything";
  /** Whether it goes by how fast the active account is being spent. */
  readonly readsPace: boolean;
  readonly decide: (observation: Observation, now: number) => SimulatedDecision;
}

/** The part of a decision that the simulator acts on. */
export type SimulatedDecision =
  | Pick<Extract<Decision, { kind: "failover" | "propose" }>, "kind" | "to">
  | Pick<Extract<Decision, { kind: "stay" | "wait" }>, "kind" | "until">
  | Pick<Extract<Decision, { kind: "continue" }>, "kind" | "sessions">;

/** What came out for one policy. */
export interface Outcome {
  readonly policy: string;
  readonly weeks: number;
  readonly turns: number;
  /** Turns that were not done when the trace ended. */
  readonly unfinished: number;
  /** Session-minutes in which a limit kept a turn from running. */
  readonly blockedMinutes: number;
  /** By how much turns ended later than without limits, in minutes. */
  readonly delayMinutes: { readonly mean: number; readonly p95: number; readonly most: number };
  readonly switches: number;
  /** Turns that a limit cut off in the middle. */
  readonly cutOff: number;
  /** What was used at a price, in points of a five-hour window. */
  readonly paidPoints: number;
  /** What was used in all, in points of a five-hour window. */
  readonly usedPoints: number;
}
