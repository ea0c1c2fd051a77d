import { ask } from "../api/client.ts";
import type { CheckpointJson, CheckpointsJson } from "../api/checkpoint-contract.ts";
import { harmless } from "../config/problem.ts";
import { EXIT, FailoverError } from "../errors.ts";
import { ownPlaces, printJson } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";
import { wholeNumber } from "./whole-number.ts";

export const checkpoint: Verb = {
  name: "checkpoint",
  summary:
    "Show where each session's work stood last, or a session's in full; also without a daemon.",
  operands: "[list|show] [session]",
  choices: ["list", "show"],
  mostWords: 2,
  options: {
    limit: { type: "string", value: "N", help: "at most so many; 100 without it" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover checkpoint list",
    "claude-failover checkpoint list ccl-1-api --json",
    "claude-failover checkpoint show ccl-1-api",
  ],
  async run(call) {
    const [what = "list", session = null] = call.words;
    if (what === "show" && session === null)
      throw new FailoverError("CF_CLI_USAGE", "checkpoint show takes the name of a session.");
    const places = ownPlaces();
    const filter = { session, limit: what === "show" ? 1 : wholeNumber(call, "limit", LIMIT) };
    const query = new URLSearchParams({ limit: String(filter.limit) });
    if (session !== null) query.set("session", session);
    const path = `/v1/checkpoints?${query.toString()}`;
    const answer = await orFromDisk(
      async () => ask<CheckpointsJson>({ socket: places.socket, method: "GET", path }),
      async (disk) => Promise.resolve(disk.checkpointsOnDisk(places, filter)),
    );
    if (call.values.json === true) printJson(answer);
    else process.stdout.write(`${textOf(what, session, answer.checkpoints)}\n`);
    return answer.checkpoints.length === 0 ? EXIT.nothingToDo : EXIT.done;
  },
};

const LIMIT = { least: 1, most: 9_999, missing: 100 };

function textOf(what: string, session: string | null, found: readonly CheckpointJson[]): string {
  const [first] = found;
  if (first === undefined)
    return session === null ? "No checkpoints." : `No checkpoint of ${harmless(session)}.`;
  return what === "show" ? checkpointText(first) : found.map(lineOf).join("\n");
}

function lineOf({ session, at, cause, tool, git }: CheckpointJson): string {
  const parts = [`${at} ${session}`, WHEN[cause]];
  if (git !== null) parts.push(gitWords(git));
  if (tool !== null) parts.push(toolWords(tool));
  return harmless(parts.join(", ")).slice(0, 160);
}

const WHEN = {
  turnEnd: "turn ended",
  refusal: "turn refused",
  flip: "before a flip",
  death: "client ended",
} as const;

/** Pure: everything of one checkpoint. */
export function checkpointText(of: CheckpointJson): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ["at", `${of.at}, ${WHEN[of.cause]}`],
    ["conversation", of.sessionId],
    ["task", of.task === null ? null : String(of.task)],
    ["folder", of.cwd],
    ["git", of.git === null ? null : gitWords(of.git)],
    ["last tool", of.tool === null ? null : toolWords(of.tool)],
    ["in the background", of.background.join("; ") || null],
  ];
  const shown = facts.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name}: ${harmless(value)}`],
  );
  const screen = of.screen.map((line) => `  | ${harmless(line)}`);
  const below = screen.length === 0 ? [] : ["", "Its screen ended so:", ...screen];
  return [of.session, ...shown, ...below].join("\n");
}

function gitWords({ head, branch, dirty }: NonNullable<CheckpointJson["git"]>): string {
  const state = dirty === null ? "changes unknown" : dirty ? "with changes" : "clean";
  return [head?.slice(0, 12) ?? "no commit", branch, state]
    .filter((part) => part !== null)
    .join(" ");
}

function toolWords({ name, input, isOpen }: NonNullable<CheckpointJson["tool"]>): string {
  return `${name} ${input}${isOpen ? " (it has no result)" : ""}`;
}
