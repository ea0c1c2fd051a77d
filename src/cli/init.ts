import { spawn } from "node:child_process";
import { SCHEMA } from "../api/contract.ts";
import { systemClock as clock } from "../clock.ts";
import { absolutePath } from "../config/places.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import type { Proposal, Surroundings, Wishes } from "../setup/model.ts";
import { daemonText } from "./adopt-guard.ts";
import { homeOf, look, ownPlaces, printJson } from "./context.ts";
import { foundText, nextText, proposalText, termsText } from "./init-text.ts";
import { wrapped } from "./table.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

const MODES = ["auto", "confirm", "notify"] as const;

export const init: Verb = {
  name: "init",
  summary: "Set up: find accounts and programs, propose a configuration, show each change first.",
  operands: "",
  mostWords: 0,
  options: {
    add: { type: "string", value: "NAME", help: "make a home for one more account" },
    mode: {
      type: "string",
      value: "MODE",
      choices: MODES,
      help: "at a limit: auto moves, confirm asks first (default), notify only tells",
    },
    session: { type: "string", value: "DIR", help: "keep a session of yours running there" },
    service: { type: "boolean", help: "install it as a service of this user" },
    yes: { type: "boolean", short: "y", help: "ask nothing and do what is proposed" },
    "dry-run": { type: "boolean", help: "tell what was found and proposed, and change nothing" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover init",
    "claude-failover init --dry-run",
    "claude-failover init --yes --add second --mode confirm",
  ],
  async run(call) {
    const { lookAround } = await import("../setup/look.ts");
    const { propose } = await import("../setup/propose.ts");
    const { config } = call.values;
    const way = wayOf(call);
    const found = await lookAround({
      env: process.env,
      home: homeOf(process.env),
      clock,
      path: typeof config === "string" ? config : undefined,
      stateDir: ownPlaces().stateDir,
      daemonRuns: (await daemonText(ownPlaces(), clock)) !== null,
    });
    const json = call.values.json === true;
    if (!json) say(foundText(found), "", termsText(), "");
    const wishes = await wishesOf(call, found, way);
    const proposal = propose(found, wishes);
    if (!json) say(...(way === "ask" ? [""] : []), proposalText(proposal), "");
    return settle({ call, found, wishes, proposal, way, json });
  },
};

type Way = "ask" | "yes" | "dryRun";

/** How it is done. Throws CF_CLI_USAGE where it would have to ask and cannot. */
function wayOf({ values }: Call): Way {
  if (values["dry-run"] === true) return "dryRun";
  if (values["yes"] === true) return "yes";
  if (values.json !== true && process.stdin.isTTY && process.stdout.isTTY) return "ask";
  throw new FailoverError("CF_CLI_USAGE", "init asks questions and has no terminal to ask on.", {
    hint: "claude-failover init --dry-run shows what it proposes, init --yes does it.",
  });
}

async function wishesOf(call: Call, found: Surroundings, way: Way): Promise<Wishes> {
  const { add, mode, session, service } = call.values;
  const wanted = MODES.find((each) => each === mode);
  const given = {
    add: typeof add === "string" ? add : null,
    ...(wanted === undefined ? {} : { mode: wanted }),
    ...(typeof session === "string"
      ? { session: absolutePath({ text: session, home: found.home, base: process.cwd() }) }
      : {}),
    ...(service === true ? { service } : {}),
  };
  if (way === "ask") return (await import("./init-ask.ts")).askWishes(found, given);
  const standard = { homes: null, names: {}, mode: "confirm", session: null } as const;
  return { ...standard, adopt: true, service: false, ...given };
}

interface Job {
  readonly call: Call;
  readonly found: Surroundings;
  readonly wishes: Wishes;
  readonly proposal: Proposal;
  readonly way: Way;
  readonly json: boolean;
}

async function settle(job: Job): Promise<ExitStatus> {
  const { proposal, way, json } = job;
  const isBlocked = proposal.problems.length > 0;
  const isNothing = proposal.changes.length === 0;
  let done: readonly string[] = [];
  if (!isBlocked && !isNothing && way !== "dryRun") {
    if (way === "ask" && !(await (await import("./init-ask.ts")).askGo("Make these changes?"))) {
      say("Nothing was changed.");
      return EXIT.nothingToDo;
    }
    done = await apply(job);
  }
  const offered = way === "ask" && !isBlocked ? await offer(job) : [];
  // Last, where it can still be read when all that was offered is over.
  if (json) printJson(initJson(job, done));
  else if (!isBlocked) {
    const next = proposal.next.filter(({ command }) => !offered.includes(command));
    say(...(done.length > 0 || offered.length > 0 ? [""] : []), nextText({ next }));
  }
  if (isBlocked) return EXIT.refused;
  return isNothing ? EXIT.nothingToDo : EXIT.done;
}

function initJson({ found, proposal, way }: Job, done: readonly string[]): object {
  const { config, ...around } = found;
  const { accounts, changes, next, problems } = proposal;
  return {
    schema: SCHEMA,
    dryRun: way === "dryRun",
    found: { ...around, config: { file: config.file, exists: config.text !== null } },
    accounts,
    changes,
    done,
    next,
    problems,
  };
}

async function apply({ call, found, proposal, json }: Job): Promise<string[]> {
  const { applyChanges } = await import("../setup/apply.ts");
  const done: string[] = [];
  await applyChanges(proposal.changes, {
    clock,
    home: found.home,
    stateDir: ownPlaces().stateDir,
    adopt: async () => adoptAll(call, proposal),
    installService: async () => {
      const { ownServicePlan } = await import("./service-plan.ts");
      const { installService } = await import("../setup/service.ts");
      const { config } = call.values;
      const path = typeof config === "string" ? config : undefined;
      const plan = ownServicePlan({ scope: "user", sandbox: false, config: path });
      await installService(plan);
      return plan.file;
    },
    onDone: ({ text }) => {
      done.push(text);
      if (!json) say(`Done: ${text}`);
    },
  });
  return done;
}

/** Everything private becomes shared, as `adopt` does it. Throws CF_SETUP_ADOPT for what is in its way. */
async function adoptAll(call: Call, { accounts }: Proposal): Promise<string> {
  const { applyAdopt } = await import("../accounts/adopt/apply.ts");
  const { adoptRequest } = await import("./adopt-homes.ts");
  const { guardState } = await import("./adopt-guard.ts");
  const { readConfig } = await import("./context.ts");
  const config = await readConfig(call);
  const guard = await guardState(ownPlaces(), clock);
  if (guard.kind !== "ours") throw new FailoverError("CF_SETUP_ADOPT", guard.text);
  using _lock = guard.lock;
  const home = homeOf(process.env);
  const left = accounts.find(({ from }) => from !== null)?.home ?? null;
  const request = adoptRequest({ config, words: [], home, cwd: process.cwd(), left });
  const outcome = await applyAdopt(request, { clock });
  if (outcome.kind === "done") return outcome.directory;
  const problems = outcome.problems.map(({ text }) => text).join(" ");
  throw new FailoverError("CF_SETUP_ADOPT", `The homes could not be made shared: ${problems}`);
}

/**
 * The client's own login, one account after the other, and a rehearsal, as far as the operator wants.
 * Returns those of the next steps that were taken and went well.
 */
async function offer({ found, proposal }: Job): Promise<string[]> {
  const { client } = found;
  if (client.kind !== "there") return [];
  const { askGo } = await import("./init-ask.ts");
  const { loginCommand, REHEARSE } = await import("../setup/propose.ts");
  const taken: string[] = [];
  for (const { name, home, loggedIn } of proposal.accounts) {
    if (loggedIn || !(await askGo(`Log in to ${name} now, with the client's own login?`))) continue;
    const login = [client.command, "auth", "login"];
    if (await inTerminal(login, { CLAUDE_CONFIG_DIR: home })) taken.push(loginCommand(home));
  }
  const question = "Rehearse a failover now? (a sandbox with made-up accounts; about two minutes)";
  if (!(await askGo(question))) return taken;
  const rehearsal = [process.execPath, process.argv[1] ?? "", "demo"];
  return (await inTerminal(rehearsal, {})) ? [...taken, REHEARSE] : taken;
}

/** Runs a program on this terminal until it ends; whether it ended well. Ctrl-C there is for it alone. */
async function inTerminal(
  [program = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const leaveIt = (): void => undefined;
  process.on("SIGINT", leaveIt);
  const isWell = await new Promise<boolean>((resolve) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: "inherit" });
    child.on("error", () => resolve(false));
    child.on("close", (status) => resolve(status === 0));
  });
  process.off("SIGINT", leaveIt);
  return isWell;
}

/** On a terminal, broken at blanks. */
function say(...texts: readonly string[]): void {
  const columns = look().columns ?? Infinity;
  const lines = texts.flatMap((text) => text.split("\n")).flatMap((line) => folded(line, columns));
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** What follows stands under the text behind a label or a number; what can be copied stays as it is. */
function folded(line: string, columns: number): string[] {
  if (/^ *(?:https?:|CLAUDE_CONFIG_DIR=|\| )/.test(line)) return [line];
  const [before = ""] = /^ *(?:\S+ {2,}|\d+\. |Done: |Try: )?/.exec(line) ?? [];
  return wrapped(line, columns, before.length);
}
