import { open } from "node:fs/promises";
import { SCHEMA } from "../api/contract.ts";
import { systemClock as clock } from "../clock.ts";
import { nearest } from "../config/suggest.ts";
import { errnoOf, EXIT, FailoverError } from "../errors.ts";
import { generateAccounts, generateTurns, WEEK_MS } from "../simulate/generate.ts";
import type { Outcome, SimulatedAccount, SimulatedPolicy, Turn } from "../simulate/model.ts";
import { ownPolicy, policyNamed, policyNames, type OwnPolicy } from "../simulate/policies.ts";
import { Simulation } from "../simulate/simulation.ts";
import { parseTrace } from "../simulate/trace.ts";
import { ProgressView } from "./adopt-progress.ts";
import { printJson, readConfig } from "./context.ts";
import type { SimulationJson } from "./simulate-json.ts";
import { simulationText } from "./simulate-text.ts";
import { stopOnSignal } from "./stop-signal.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";
import { wholeNumber } from "./whole-number.ts";

export const simulate: Verb = {
  name: "simulate",
  summary: "Replay recorded or generated usage against policies: what would have been blocked.",
  operands: "",
  mostWords: 0,
  options: {
    policy: {
      type: "string",
      value: "LIST",
      help: "policies by name, or configuration files; separated by commas (default: all names)",
    },
    trace: { type: "string", value: "FILE", help: "recorded usage (default: generated)" },
    accounts: { type: "string", value: "N", help: "how many accounts (default 3)" },
    sessions: { type: "string", value: "N", help: "sessions to generate (default 6)" },
    weeks: { type: "string", value: "N", help: "weeks to generate (default 20)" },
    load: {
      type: "string",
      value: "PERCENT",
      help: "of all weekly allowances wanted (default 70)",
    },
    seed: { type: "string", value: "S", help: "the same seed gives the same usage (default 1)" },
    export: {
      type: "string",
      value: "FILE",
      help: "write your own recorded usage as a trace, and end",
    },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover simulate",
    "claude-failover simulate --policy mostHeadroom,priority@90/95,wait --weeks 200",
    "claude-failover simulate --export usage.jsonl",
    "claude-failover simulate --policy ~/.config/claude-failover/config.yaml --trace usage.jsonl",
  ],
  async run(call) {
    if (typeof call.values.export === "string") {
      refuseWith(call, "--export", [...DEMAND, "policy", "trace", "accounts", "seed", "json"]);
      return (await import("./simulate-export.ts")).exportTrace(call.values.export);
    }
    const policies = await policiesOf(call);
    const scene = await sceneOf(call);
    const outcomes: Outcome[] = [];
    const progress = new ProgressView(process.stderr, clock, "weeks");
    // It ends between two weeks, with nothing left half drawn.
    using stop = stopOnSignal(
      () => new FailoverError("CF_SIMULATE_STOPPED", "It was stopped before it was done."),
    );
    try {
      for (const makePolicy of policies)
        outcomes.push(await play(makePolicy(), scene, { progress, signal: stop.signal }));
    } finally {
      progress.end();
    }
    const { trace, seed, accounts, sessions } = scene;
    const result: SimulationJson = {
      schema: SCHEMA,
      trace,
      seed,
      accounts: accounts.length,
      sessions,
      outcomes,
    };
    if (call.values.json === true) printJson(result);
    else process.stdout.write(simulationText(result));
    return EXIT.done;
  },
};

/** Options that say what usage to generate. */
const DEMAND = ["sessions", "weeks", "load"] as const;

/** Accounts, and turns that can be gone through once for each policy. */
interface Scene {
  readonly trace: string | null;
  readonly seed: number | null;
  readonly accounts: readonly SimulatedAccount[];
  readonly sessions: number;
  readonly weeks: number;
  readonly turns: () => Iterable<Turn>;
}

async function play(
  policy: SimulatedPolicy,
  scene: Scene,
  { progress, signal }: { progress: ProgressView; signal: AbortSignal },
): Promise<Outcome> {
  const simulation = new Simulation({ policy, accounts: scene.accounts, turns: scene.turns() });
  const total = Math.ceil(scene.weeks);
  while (simulation.advance(1)) {
    const done = Math.min(total, Math.round(simulation.weeks));
    progress.show({ phase: policy.name, done, total, bytes: 0 });
    // Signals are heard between two weeks.
    await clock.sleep(0);
    signal.throwIfAborted();
  }
  return simulation.outcome();
}

async function sceneOf(call: Call): Promise<Scene> {
  const seed = wholeNumber(call, "seed", { least: 0, missing: 1 });
  const count = wholeNumber(call, "accounts", { least: 1, missing: 3 });
  const file = call.values.trace;
  if (typeof file === "string") {
    refuseWith(call, "--trace", DEMAND);
    const { accounts, turns } = parseTrace(await linesOf(file), file);
    const isOwn = accounts === null || call.values.accounts !== undefined;
    return {
      trace: file,
      seed: null,
      accounts: isOwn ? generateAccounts(count, { seed }) : accounts,
      sessions: new Set(turns.map(({ session }) => session)).size,
      weeks: ((turns.at(-1)?.at ?? 0) - (turns[0]?.at ?? 0)) / WEEK_MS,
      turns: () => turns,
    };
  }
  const sessions = wholeNumber(call, "sessions", { least: 1, missing: 6 });
  const weeks = wholeNumber(call, "weeks", { least: 1, missing: 20 });
  const load = wholeNumber(call, "load", { least: 1, missing: 70 }) / 100;
  const accounts = generateAccounts(count, { seed });
  const demand = { sessions, weeks, seed, load, accounts };
  return { trace: null, seed, accounts, sessions, weeks, turns: () => generateTurns(demand) };
}

async function linesOf(file: string): Promise<string[]> {
  try {
    await using handle = await open(file);
    return (await handle.readFile("utf8")).split("\n");
  } catch (thrown) {
    const code = errnoOf(thrown);
    const why = code === "ENOENT" ? "is not there" : `cannot be read (${code ?? "unknown"})`;
    throw new FailoverError("CF_SIMULATE_TRACE", `${file} ${why}.`, { cause: thrown });
  }
}

async function policiesOf(call: Call): Promise<(() => SimulatedPolicy)[]> {
  const { defaultPolicy } = await import("../config/default-policy.ts");
  const settings = defaultPolicy();
  const defaults = { settings, ceiling: settings.thresholds };
  const { policy } = call.values;
  const words = typeof policy === "string" ? policy.split(",") : policyNames();
  return Promise.all(words.map((word) => policyOf(word.trim(), defaults)));
}

async function policyOf(
  word: string,
  defaults: Omit<OwnPolicy, "name">,
): Promise<() => SimulatedPolicy> {
  if (/\.ya?ml$/.test(word)) {
    const { policy } = await readConfig({ values: { config: word }, words: [] });
    const own = { name: word, settings: policy, ceiling: policy.thresholds };
    return () => ownPolicy(own);
  }
  const make = (): SimulatedPolicy => {
    const found = policyNamed(word, defaults);
    if (found !== null) return found;
    const near = nearest(word, policyNames());
    const mean = near === null ? "" : ` Did you mean ${near}?`;
    throw new FailoverError("CF_CLI_USAGE", `There is no policy ${word}.${mean}`, {
      hint: `Policies: ${policyNames().join(", ")}; or a configuration file.`,
    });
  };
  make();
  return make;
}

function refuseWith(call: Call, option: string, names: readonly string[]): void {
  const wrong = names.find((name) => call.values[name] !== undefined);
  if (wrong !== undefined)
    throw new FailoverError("CF_CLI_USAGE", `--${wrong} does not go with ${option}.`);
}
