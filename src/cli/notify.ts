import { hostname } from "node:os";
import { ask } from "../api/client.ts";
import type { NotifyJson, NotifyTestJson } from "../api/notify-contract.ts";
import { systemClock } from "../clock.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { ownPlaces, printJson, readConfig } from "./context.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

export const notify: Verb = {
  name: "notify",
  summary: "Tell who is told of what, and how that goes; with test, send each a test message.",
  operands: "[test]",
  choices: ["test"],
  mostWords: 1,
  options: {
    channel: { type: "string", value: "NAME", help: "with test: only this channel" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover notify",
    "claude-failover notify test",
    "claude-failover notify test --channel telegram",
  ],
  async run(call) {
    const [word] = call.words;
    if (word === "test") return test(call);
    const { socket } = ownPlaces();
    const told = await ask<NotifyJson>({ socket, method: "GET", path: "/v1/notify" });
    if (call.values.json === true) printJson(told);
    else process.stdout.write(channelsText(told));
    return told.channels.length === 0 ? EXIT.nothingToDo : EXIT.done;
  },
};

/** The daemon sends, because it has the secrets; without one, this process does with its own. */
async function test(call: Call): Promise<ExitStatus> {
  const { channel, json } = call.values;
  const name = typeof channel === "string" ? channel : null;
  const { results } = await askOrSend(call, name);
  if (json === true) printJson({ schema: 1, results });
  else
    for (const { channel, sent, problem, ms } of results)
      process.stdout.write(`${channel}: ${sent ? `sent in ${ms} ms` : `not sent: ${problem}`}\n`);
  if (results.length > 0) return results.every(({ sent }) => sent) ? EXIT.done : EXIT.fault;
  if (json !== true)
    process.stderr.write("No channel is configured.\nTry: See docs/notifications.md.\n");
  return EXIT.nothingToDo;
}

async function askOrSend(call: Call, channel: string | null): Promise<NotifyTestJson> {
  const { socket } = ownPlaces();
  const body = channel === null ? {} : { channel };
  try {
    return await ask<NotifyTestJson>({ socket, method: "POST", path: "/v1/notify/test", body });
  } catch (thrown) {
    if (!(thrown instanceof FailoverError) || thrown.code !== "CF_DAEMON_DOWN") throw thrown;
    const { channelsOf } = await import("../notify/channels.ts");
    const { testChannels } = await import("../notify/attempt.ts");
    const config = await readConfig(call);
    const channels = channelsOf(config.notify, process.env);
    const { signal } = new AbortController();
    const options = { name: channel, clock: systemClock, signal, host: hostname() };
    return { schema: 1, results: await testChannels(channels, options) };
  }
}

function channelsText({ channels }: NotifyJson): string {
  if (channels.length === 0) return "No channel is configured (docs/notifications.md).\n";
  return channels
    .map(({ channel, unusable, waiting, sent, failed, last }) => {
      const how = `${sent} sent, ${failed} given up, ${waiting} waiting`;
      const ended =
        last === null
          ? ""
          : `; last: ${last.event} ${last.outcome} ${last.at}${last.text === null ? "" : ` (${last.text})`}`;
      return `${channel}: ${unusable ?? `${how}${ended}`}\n`;
    })
    .join("");
}
