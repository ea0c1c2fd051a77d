import { ask } from "../api/client.ts";
import type { ActionJson } from "../api/contract.ts";
import { EXIT, type ExitStatus } from "../errors.ts";
import { ownPlaces, printJson } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

/** A verb that asks the daemon for the action of its name; the body is `options` as they are given. */
export function actionVerb({
  name,
  summary,
  options = {},
}: Pick<Verb, "name" | "summary"> & Partial<Pick<Verb, "options">>): Verb {
  return {
    name,
    summary,
    operands: "",
    mostWords: 0,
    options: { ...options, ...JSON_OPTION },
    examples: [`claude-failover ${name}`],
    async run({ values }) {
      const body = Object.fromEntries(Object.keys(options).map((key) => [key, values[key]]));
      const { socket } = ownPlaces();
      const action = await ask<ActionJson>({ socket, method: "POST", path: `/v1/${name}`, body });
      return tellAction(action, { json: values.json === true });
    },
  };
}

/** Prints what became of a request and returns its exit status. */
export function tellAction(action: ActionJson, options: { json: boolean }): ExitStatus {
  if (options.json) printJson(action);
  else if (action.done) tellDone(action);
  else tellNotDone(action);
  return action.done ? EXIT.done : (action.exit as ExitStatus);
}

function tellNotDone(action: Extract<ActionJson, { done: false }>): void {
  const lines = [action.text, ...stoppedLines(action)];
  if (action.hint !== "") lines.push(`Try: ${action.hint}`);
  process.stderr.write(`${lines.join("\n")}\n`);
}

function stoppedLines({ sessions = [] }: ActionJson): string[] {
  return sessions.map(({ name, outcome, text }) => `  ${name}: ${OUTCOMES[outcome]}: ${text}`);
}

const OUTCOMES = {
  ended: "ended",
  wouldEnd: "would end",
  left: "left",
  stillRuns: "still runs",
  notRunning: "does not run",
} as const;

function tellDone(action: Extract<ActionJson, { done: true }>): void {
  const steps = (action.steps ?? []).map(
    (each, index) => `  ${index + 1}. ${each.step}: ${each.text}`,
  );
  const sessions = (action.entry?.sessions ?? []).map(
    ({ name, outcome, continuedMs }) =>
      `  ${name}: ${outcome}${continuedMs === null ? "" : ` after ${Math.round(continuedMs)} ms`}`,
  );
  process.stdout.write(
    `${[action.text, ...steps, ...sessions, ...stoppedLines(action)].join("\n")}\n`,
  );
}
