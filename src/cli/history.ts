import { ask } from "../api/client.ts";
import type { HistoryJson, SwitchoverJson } from "../api/contract.ts";
import { EXIT, FailoverError } from "../errors.ts";
import { ownPlaces, printJson } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const history: Verb = {
  name: "history",
  summary: "Tell past switchovers; with an id one of them whole: trigger, steps, sessions, proof.",
  operands: "[id]",
  mostWords: 1,
  options: JSON_OPTION,
  examples: ["claude-failover history", "claude-failover history 3 --json"],
  async run({ values, words }) {
    const id = words[0];
    if (id !== undefined && !/^\d{1,9}$/.test(id))
      throw new FailoverError("CF_CLI_USAGE", `${id} is not the number of a switchover.`);
    const path = id === undefined ? "/v1/history?limit=50" : `/v1/history?id=${id}`;
    const places = ownPlaces();
    const answer = await orFromDisk(
      async () => ask<HistoryJson>({ socket: places.socket, method: "GET", path }),
      async (disk) => disk.historyOnDisk(places, id === undefined ? null : Number(id)),
    );
    if (values.json === true) printJson(answer);
    else tell(answer.entries, id !== undefined);
    return answer.entries.length === 0 ? EXIT.nothingToDo : EXIT.done;
  },
};

function tell(entries: readonly SwitchoverJson[], whole: boolean): void {
  if (entries.length === 0) process.stdout.write("No switchover is recorded.\n");
  for (const entry of entries)
    process.stdout.write(whole ? wholeText(entry) : `${headline(entry)}\n`);
}

function headline(entry: SwitchoverJson): string {
  const { id, startedAt, cause, from, to, outcome, sessions } = entry;
  const took =
    entry.endedAt === null ? "" : ` in ${Date.parse(entry.endedAt) - Date.parse(startedAt)} ms`;
  const count = sessions.length === 0 ? "" : `, ${sessions.length} continued`;
  return `${String(id).padStart(4)}  ${startedAt}  ${cause}: ${from} -> ${to}, ${outcome ?? "under way"}${took}${count}`;
}

function wholeText(entry: SwitchoverJson): string {
  const { trigger, steps, sessions } = entry;
  const because =
    trigger === null
      ? []
      : [
          `  trigger: session ${trigger.session}, ${trigger.class} (${trigger.pattern})`,
          `           “${trigger.snippet}”`,
        ];
  return [
    headline(entry),
    ...because,
    ...steps.map(({ step, startedAt, endedAt, outcome }) => {
      const took = endedAt === null ? "" : ` ${Date.parse(endedAt) - Date.parse(startedAt)} ms`;
      return `  ${step.padEnd(9)} ${outcome ?? "under way"}${took}`;
    }),
    ...sessions.map(
      ({ name, outcome, continuedMs, proof }) =>
        `  session ${name}: ${outcome}${continuedMs === null ? "" : ` after ${Math.round(continuedMs)} ms`}${proof === null ? "" : `, proof ${proof}`}`,
    ),
    "",
  ].join("\n");
}
