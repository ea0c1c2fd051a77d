import { FailoverError } from "../errors.ts";

/** Everything that can be wrong with a home or one of its shared links. */
export type SharedProblemCode =
  | "noAccount"
  | "noHome"
  | "homeRelative"
  | "homeNotDirectory"
  | "homeDangling"
  | "sameHome"
  | "linkRefused"
  | "linkElsewhere"
  | "linkToLink"
  | "linkOccupied"
  | "linkDangling"
  | "targetWrongKind"
  | "targetMissing"
  | "unreadable"
  | "cannotCreate"
  | "changedMeanwhile";

/** One problem: where, what is there, what should be there. Nothing was touched because of it. */
export interface SharedProblem {
  readonly code: SharedProblemCode;
  /** The account's name; empty where the caller gave none. */
  readonly account: string;
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  /** What to do about it, one sentence. */
  readonly hint: string;
}

/** Not an error: a home or a shared target that others on the machine can look into. */
export interface SharedWarning {
  readonly code: "openMode";
  readonly account: string;
  readonly path: string;
  /** Permission bits, e.g. 0o755. */
  readonly mode: number;
}

/** One line: path, found, expected. */
export function problemText(problem: SharedProblem): string {
  const who = problem.account === "" ? "" : `account ${problem.account}: `;
  return `${who}${problem.path}: found ${problem.found}, expected ${problem.expected}`;
}

/** One line: path, mode, and the command that closes it; we never change a mode by ourselves. */
export function warningText(warning: SharedWarning): string {
  const mode = warning.mode.toString(8).padStart(4, "0");
  return `${warning.path} can be entered or read by others (mode ${mode}); chmod 700 closes it`;
}

/** All problems as the one error with which a start is refused. */
export function homesError(problems: readonly SharedProblem[]): FailoverError {
  const lines = problems.map((problem) => `${problemText(problem)}. ${problem.hint}`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new FailoverError(
    "CF_ACCOUNT_HOMES",
    `The account homes are not as they must be, ${count}:\n  ${lines.join("\n  ")}`,
    { details: { problems: problems.length, first: problems[0]?.path ?? "" } },
  );
}
