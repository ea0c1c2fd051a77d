import { ask } from "../api/client.ts";
import type { EventJson } from "../api/contract.ts";
import { eventWords } from "../api/event-text.ts";
import { EXIT, FailoverError } from "../errors.ts";
import { look, ownPlaces } from "./context.ts";
import { followEvents } from "./follow-events.ts";
import { wrapped } from "./table.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const events: Verb = {
  name: "events",
  summary: "Print what happened, one line an event; with --follow as it happens.",
  operands: "",
  mostWords: 0,
  options: {
    follow: { type: "boolean", short: "f", help: "go on with what happens, until Ctrl-C" },
    since: { type: "string", value: "SEQ", help: "only events after this number" },
    ...JSON_OPTION,
  },
  examples: ["claude-failover events", "claude-failover events --follow --json"],
  async run({ values }) {
    const since = sequence(values.since);
    const { socket } = ownPlaces();
    const print = values.json === true ? jsonLine : textLine;
    if (values.follow !== true) {
      const path = `/v1/events?since=${since}&limit=10000`;
      for (const event of await ask<EventJson[]>({ socket, method: "GET", path }))
        process.stdout.write(print(event));
      return EXIT.done;
    }
    return followEvents({ socket, since }, (event) => void process.stdout.write(print(event)));
  },
};

function sequence(value: string | boolean | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === "string" && /^\d{1,12}$/.test(value)) return Number(value);
  throw new FailoverError("CF_CLI_USAGE", "--since takes the number of an event.");
}

function jsonLine(event: EventJson): string {
  return `${JSON.stringify(event)}\n`;
}

/** On a terminal broken at blanks, what follows under what happened. */
function textLine({ seq, at, type, data }: EventJson): string {
  const before = `${at} ${String(seq).padStart(5)} `;
  const line = `${before}${type}${eventWords(data)}`;
  return `${wrapped(line, look().columns ?? Infinity, INDENT).join("\n")}\n`;
}

/** Less than what stands before: sentences are long, and a screen is not. */
const INDENT = 8;
