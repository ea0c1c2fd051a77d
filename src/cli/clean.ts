import { ask } from "../api/client.ts";
import type { CleanedJson, RemovedJson } from "../api/clean-contract.ts";
import { harmless } from "../config/problem.ts";
import { EXIT } from "../errors.ts";
import { ownPlaces, printJson } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const clean: Verb = {
  name: "clean",
  summary: "Remove now what is older or more than the configuration keeps.",
  operands: "",
  mostWords: 0,
  options: {
    "dry-run": { type: "boolean", help: "only say what would be removed" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover clean --dry-run", "claude-failover clean --json"],
  async run({ values }) {
    const dryRun = values["dry-run"] === true;
    const { socket } = ownPlaces();
    const request = { socket, method: "POST", path: "/v1/clean", body: { dryRun } } as const;
    const answer = await ask<CleanedJson>(request);
    if (values.json === true) printJson(answer);
    else process.stdout.write(`${cleanedText(answer)}\n`);
    return answer.removed.length === 0 ? EXIT.nothingToDo : EXIT.done;
  },
};

/** Pure: a line for each kind and place, and the paths below it. */
export function cleanedText({ dryRun, removed }: CleanedJson): string {
  if (removed.length === 0) return "There is nothing to remove.";
  const head = dryRun ? "Would be removed:" : "Removed:";
  return [head, ...removed.flatMap(linesOf)].join("\n");
}

function linesOf({ kind, folder, paths, count, bytes, why }: RemovedJson): string[] {
  const where = folder === null ? "" : ` in ${harmless(folder)}`;
  const size = bytes === 0 ? "" : `, ${Math.ceil(bytes / 1000)} kB`;
  return [
    `  ${count} ${WORDS[kind] ?? kind}${where}${size}: ${why}`,
    ...paths.map((path) => `    ${harmless(path)}`),
  ];
}

const WORDS: Readonly<Record<string, string>> = {
  taskFiles: "files of finished tasks",
  dispatchedFiles: "files that no session has",
  settingsFiles: "settings files",
  slotLinks: "links of slots",
  log: "log file",
  evidence: "refusals",
  periods: "times that an account was active",
  conversations: "ids of conversations",
  usage: "readings of usage",
};
