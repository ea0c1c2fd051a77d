import type { ActionJson } from "../api/contract.ts";
import { EXIT, type ExitStatus } from "../errors.ts";
import { printJson } from "./context.ts";

/** Prints what became of a request and returns its exit status. */
export function tellAction(action: ActionJson, options: { json: boolean }): ExitStatus {
  if (options.json) printJson(action);
  else if (action.done) tellDone(action);
  else process.stderr.write(`${action.text}\n${action.hint === "" ? "" : `Try: ${action.hint}\n`}`);
  return action.done ? EXIT.done : (action.exit as ExitStatus);
}

function tellDone(action: Extract<ActionJson, { done: true }>): void {
  const steps = (action.steps ?? []).map(
    (each, index) => `  ${index + 1}. ${each.step}: ${each.text}`,
  );
  const sessions = (action.entry?.sessions ?? []).map(
    ({ name, outcome, continuedMs }) =>
      `  ${name}: ${outcome}${continuedMs === null ? "" : ` after ${Math.round(continuedMs)} ms`}`,
  );
  process.stdout.write(`${[action.text, ...steps, ...sessions].join("\n")}\n`);
}
