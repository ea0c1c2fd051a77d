import { ask } from "../api/client.ts";
import type { WhyJson } from "../api/why-contract.ts";
import { harmless } from "../config/problem.ts";
import { EXIT } from "../errors.ts";
import { look, ownPlaces, printJson, readConfig } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import { fitted } from "./table.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const why: Verb = {
  name: "why",
  summary:
    "Explain the last decisions, or one decision, session or account; also without a daemon.",
  operands: "[decision|session|account]",
  mostWords: 1,
  options: JSON_OPTION,
  examples: [
    "claude-failover why",
    "claude-failover why 12",
    "claude-failover why ccl-1-api --json",
  ],
  async run(call) {
    const word = call.words[0] ?? null;
    const places = ownPlaces();
    const query = word === null ? "" : `?of=${encodeURIComponent(word)}`;
    const answer = await orFromDisk(
      async () => ask<WhyJson>({ socket: places.socket, method: "GET", path: `/v1/why${query}` }),
      async (disk) => disk.whyOnDisk(places, await readConfig(call), word),
    );
    if (call.values.json === true) printJson(answer);
    else process.stdout.write(fitted(whyText(answer), look().columns));
    return EXIT.done;
  },
};

/** Pure: one sentence a line; what belongs to a decision stands under it. */
export function whyText({ explanation, events }: WhyJson): string {
  const lines = explanation
    .map(harmless)
    .map((line) => (/^(?:It |Its evidence|\S+ (?:could|might))/.test(line) ? `  ${line}` : line));
  const told = events.map(({ at, type, data }) => `  ${at} ${type}${harmless(detailOf(data))}`);
  return [...lines, ...(told.length === 0 ? [] : ["What happened last:", ...told]), ""].join("\n");
}

function detailOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  const told = ["text", "outcome", "class", "proof"].flatMap((key) => {
    const value: unknown = Object.entries(data).find(([name]) => name === key)?.[1];
    return typeof value === "string" ? [value] : [];
  });
  return told.length === 0 ? "" : `: ${told.join(", ")}`;
}
