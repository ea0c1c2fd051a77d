import { ask } from "../api/client.ts";
import { wentOn } from "../api/continued.ts";
import type { HistoryJson, SwitchoverJson } from "../api/contract.ts";
import type { ForensicHistoryJson, ForensicsJson } from "../api/why-contract.ts";
import { isOwnSlot } from "../api/session-view.ts";
import { evidenceWords } from "../api/why-text.ts";
import { harmless } from "../config/problem.ts";
import { errnoOf, EXIT, FailoverError } from "../errors.ts";
import { homeOf, look, ownPlaces, printJson } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import { fitted } from "./table.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const history: Verb = {
  name: "history",
  summary: "Tell past switchovers; with an id one of them whole: trigger, steps, sessions, proof.",
  operands: "[id]",
  mostWords: 1,
  options: {
    export: {
      type: "string",
      value: "FILE",
      help: "write it with all evidence, without secrets, to a new file for a bug report",
    },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover history",
    "claude-failover history 3 --json",
    "claude-failover history 3 --export switchover-3.json",
  ],
  async run({ values, words }) {
    const id = words[0];
    if (id !== undefined && !/^\d{1,9}$/.test(id))
      throw new FailoverError("CF_CLI_USAGE", `${id} is not the number of a switchover.`);
    if (values.export !== undefined && id === undefined)
      throw new FailoverError(
        "CF_CLI_USAGE",
        "--export takes one switchover: history ID --export.",
      );
    const path = id === undefined ? "/v1/history?limit=50" : `/v1/history?id=${id}`;
    const places = ownPlaces();
    const answer = await orFromDisk(
      async () =>
        ask<HistoryJson | ForensicHistoryJson>({ socket: places.socket, method: "GET", path }),
      async (disk) => disk.historyOnDisk(places, id === undefined ? null : Number(id)),
    );
    if (typeof values.export === "string") await exportTo(values.export, answer);
    else if (values.json === true) printJson(answer);
    else tell(answer, id !== undefined);
    return answer.entries.length === 0 ? EXIT.nothingToDo : EXIT.done;
  },
};

/** Never over a file that is there: it may be somebody's only copy. */
async function exportTo(file: string, answer: HistoryJson): Promise<void> {
  if (answer.entries.length === 0) {
    process.stderr.write("No such switchover is recorded; nothing is written.\n");
    return;
  }
  const { redactJson } = await import("../api/redact.ts");
  const { writeFileSync } = await import("node:fs");
  const text = `${JSON.stringify(redactJson(answer, { home: homeOf(process.env) }), null, 2)}\n`;
  try {
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    const errno = errnoOf(cause) ?? "?";
    const why = errno === "EEXIST" ? "is there already and is left alone" : `fails (${errno})`;
    throw new FailoverError("CF_CLI_EXPORT", `${file} ${why}.`, { cause });
  }
  process.stdout.write(`Written to ${file}. Read it before you send it to anybody.\n`);
}

function tell(answer: HistoryJson | ForensicHistoryJson, whole: boolean): void {
  const { entries } = answer;
  if (entries.length === 0)
    process.stdout.write(`${whole ? "No such" : "No"} switchover is recorded.\n`);
  const forensics = "forensics" in answer ? answer.forensics : null;
  for (const entry of entries)
    process.stdout.write(
      fitted(whole ? wholeText(entry, forensics) : `${headline(entry)}\n`, look().columns),
    );
}

/** Pure: one switchover in a line. */
export function headline(entry: SwitchoverJson): string {
  const { id, startedAt, cause, slot, from, to, outcome, sessions } = entry;
  const of = isOwnSlot(slot) ? ` of slot ${slot}` : "";
  const took =
    entry.endedAt === null ? "" : ` in ${Date.parse(entry.endedAt) - Date.parse(startedAt)} ms`;
  const all = sessions.length;
  const count = all === 0 ? "" : `, ${wentOn(entry).length} of ${all} went on`;
  return `${String(id).padStart(4)}  ${startedAt}  ${cause}${of}: ${from} -> ${to}, ${outcome ?? "under way"}${took}${count}`;
}

function wholeText(entry: SwitchoverJson, forensics: ForensicsJson | null): string {
  const { trigger, steps, sessions } = entry;
  const because =
    trigger === null
      ? []
      : [
          `  trigger: session ${trigger.session}, ${trigger.class} (${trigger.pattern})`,
          `           “${harmless(trigger.snippet)}”`,
        ];
  return [
    headline(entry),
    ...because,
    ...(forensics === null ? [] : linkText(forensics)),
    ...steps.map(({ step, startedAt, endedAt, outcome }) => {
      const took = endedAt === null ? "" : ` ${Date.parse(endedAt) - Date.parse(startedAt)} ms`;
      return `  ${step.padEnd(9)} ${outcome ?? "under way"}${took}`;
    }),
    ...sessions.map(
      ({ name, outcome, continuedMs, proof }) =>
        `  session ${name}: ${outcome}${continuedMs === null ? "" : ` after ${Math.round(continuedMs)} ms`}${proof === null ? "" : `, proof ${proof}`}`,
    ),
    ...(forensics?.evidence ?? []).map((each) => `  evidence: ${harmless(evidenceWords(each))}`),
    "",
  ].join("\n");
}

function linkText({ link, timings }: ForensicsJson): string[] {
  const { evidenceToFlipMs } = timings;
  const fast = evidenceToFlipMs === null ? "" : `, ${evidenceToFlipMs} ms after the first evidence`;
  return [`  link     ${link.slot}: ${link.before} -> ${link.after}${fast}`];
}
