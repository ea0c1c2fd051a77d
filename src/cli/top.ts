import { execFile, spawn } from "node:child_process";
import { ask } from "../api/client.ts";
import type { WhyJson } from "../api/why-contract.ts";
import { systemClock as clock } from "../clock.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { ownPlaces, readConfig } from "./context.ts";
import { orFromDisk } from "./from-disk.ts";
import { stopOnSignal } from "./stop-signal.ts";
import type { Call, Verb } from "./verb.ts";

export const top: Verb = {
  name: "top",
  summary: "Watch the fleet live: accounts, sessions, the decision, events; keys to act.",
  operands: "",
  mostWords: 0,
  options: {
    plain: {
      type: "boolean",
      help: "sentences, each when something changes: for screen readers and pipes",
    },
  },
  examples: ["claude-failover top", "claude-failover top --plain"],
  async run(call) {
    const { stdin, stdout } = process;
    const isScreen = stdin.isTTY && stdout.isTTY && process.env.TERM !== "dumb";
    using stop = stopOnSignal();
    if (call.values.plain === true || !isScreen) return await plain(call, stop.signal);
    const { showLive } = await import("../top/live.ts");
    const { socket } = ownPlaces();
    await showLive({
      socket,
      clock,
      input: stdin,
      output: stdout,
      color: (process.env.NO_COLOR ?? "") === "" && stdout.hasColors(),
      unicode: isUtf8(process.env),
      timeOf,
      signal: stop.signal,
      fromDisk: async () => fromDisk(call),
      why: async (word) => explain(call, word),
      verb: runVerb,
    });
    return EXIT.done;
  },
};

async function plain(call: Call, signal: AbortSignal): Promise<ExitStatus> {
  const { runFeed } = await import("../top/feed.ts");
  const { plainLines } = await import("../top/plain.ts");
  let before: Parameters<typeof plainLines>[0] = null;
  await runFeed({
    socket: ownPlaces().socket,
    clock,
    signal,
    fromDisk: async () => fromDisk(call),
    onEvent: () => undefined,
    onLook: (look) => {
      const lines = plainLines(before, look);
      before = look;
      process.stdout.write(lines.map((line) => `${timeOf(clock.now())} ${line}\n`).join(""));
    },
  });
  return EXIT.done;
}

async function fromDisk(call: Call) {
  const { statusOnDisk } = await import("./disk.ts");
  return statusOnDisk(ownPlaces(), await readConfig(call));
}

async function explain(call: Call, word: string | null): Promise<string[]> {
  const { whyText } = await import("./why.ts");
  const places = ownPlaces();
  const query = word === null ? "" : `?of=${encodeURIComponent(word)}`;
  const answer = await orFromDisk(
    async () => ask<WhyJson>({ socket: places.socket, method: "GET", path: `/v1/why${query}` }),
    async (disk) => disk.whyOnDisk(places, await readConfig(call), word),
  );
  return whyText(answer).trimEnd().split("\n");
}

/** Runs this program once more. Throws what it wrote to standard error. */
async function runVerb(args: readonly string[], way: "terminal" | "quiet"): Promise<string> {
  const own = [...process.execArgv, process.argv[1] ?? "", ...args];
  if (way === "quiet")
    return new Promise((resolve, reject) => {
      execFile(process.execPath, own, (error, out, err) => {
        if (error === null) resolve(out.trim());
        else reject(failed(err || out));
      });
    });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, own, { stdio: ["inherit", "inherit", "pipe"] });
    let told = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve("") : reject(failed(told))));
  });
}

function failed(text: string): FailoverError {
  const [message = "", hint = ""] = text.trim().split("\n");
  return new FailoverError("CF_CLI_USAGE", message.replace(/^Error: /, ""), {
    hint: hint.replace(/^Try: /, ""),
  });
}

/** The operator's own time of the day. */
function timeOf(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** The locale in force, by the rules of setlocale; one that says nothing is taken for UTF-8. */
function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((each) => (each ?? "") !== "");
  return locale === undefined || /utf-?8/i.test(locale);
}
