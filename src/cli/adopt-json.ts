import type { AdoptionState } from "../accounts/adopt/journal.ts";
import type { AdoptProblem, PairCount, SlotMove } from "../accounts/adopt/model.ts";
import { SCHEMA } from "../api/contract.ts";
import { EXIT, type ExitStatus } from "../errors.ts";

/** Why nothing was done. */
export interface Obstacle {
  readonly code: AdoptProblem["code"] | "daemonRuns";
  readonly path: string;
  /** One or two sentences: what is in the way, and what to do. */
  readonly text: string;
}

/** An adoption that is not over. */
export interface OpenAdoption {
  readonly stamp: string;
  readonly phase: AdoptionState["phase"];
  readonly directory: string;
}

/** `adopt --dry-run --json`. */
export interface PlanJson {
  readonly schema: typeof SCHEMA;
  readonly action: "plan";
  /** Whether `adopt` would do it now. */
  readonly ready: boolean;
  readonly root: string;
  readonly slotMove: Pick<SlotMove, "slot" | "home"> | null;
  readonly open: readonly OpenAdoption[];
  readonly pairs: readonly PairCount[];
  readonly problems: readonly Obstacle[];
}

/** `adopt`, `--undo` and `--commit` that did nothing, with `--json`. */
export interface RefusedJson {
  readonly schema: typeof SCHEMA;
  readonly action: "adopt" | "undo" | "commit";
  readonly done: false;
  readonly problems: readonly Obstacle[];
  readonly exit: ExitStatus;
}

/** What `adopt`, `--undo` or `--commit` did, with `--json`. Pure. */
export function doneJson<T extends object>(action: RefusedJson["action"], outcome: T): object {
  return { schema: SCHEMA, action, done: true, ...outcome };
}

/** Why it did nothing. Pure. */
export function refusedJson(
  action: RefusedJson["action"],
  problems: readonly Obstacle[],
): RefusedJson {
  return { schema: SCHEMA, action, done: false, problems, exit: refusalExit(problems) };
}

/** The exit status of a refusal: nothing to do is not the same as not allowed. Pure. */
export function refusalExit(problems: readonly Obstacle[]): ExitStatus {
  const idle = problems.every(({ code }) => code === "nothingToAdopt");
  return idle ? EXIT.nothingToDo : EXIT.refused;
}
