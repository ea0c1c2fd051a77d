import type { AdoptRequest } from "../accounts/adopt/survey.ts";
import { systemClock as clock } from "../clock.ts";
import { EXIT, FailoverError, type ExitStatus } from "../errors.ts";
import { daemonText, guardState } from "./adopt-guard.ts";
import { adoptRequest } from "./adopt-homes.ts";
import {
  doneJson,
  refusalExit,
  refusedJson,
  type Obstacle,
  type RefusedJson,
} from "./adopt-json.ts";
import { ProgressView } from "./adopt-progress.ts";
import { stopWish } from "./adopt-signals.ts";
import { leadsNowhere, removeLinksIn } from "../switchover/slot.ts";
import { committedText, doneText, planText, problemLines, undoneText } from "./adopt-text.ts";
import { homeOf, ownPlaces, printJson, readConfig } from "./context.ts";
import { keepHeapSmall } from "../heap.ts";
import { uninstalledHome } from "../setup/journal.ts";
import { JSON_OPTION, type Call, type Verb } from "./verb.ts";

export const adopt: Verb = {
  name: "adopt",
  summary: "Make shared what is private in account homes; undoable until it is committed.",
  operands: "[home…]",
  mostWords: 1000,
  options: {
    "dry-run": { type: "boolean", help: "count, say what would be done, and change nothing" },
    commit: { type: "boolean", help: "delete the originals of what was adopted, for good" },
    undo: { type: "boolean", help: "take the latest adoption back: every original in its place" },
    ...JSON_OPTION,
  },
  examples: [
    "claude-failover adopt --dry-run",
    "claude-failover adopt ~/.claude-work ~/.claude-home",
    "claude-failover adopt --undo",
  ],
  async run(call) {
    keepHeapSmall();
    const action = actionOf(call);
    const config = await readConfig(call);
    const home = homeOf(process.env);
    const left = uninstalledHome(ownPlaces().stateDir);
    const request = adoptRequest({ config, words: call.words, home, cwd: process.cwd(), left });
    const job: Job = {
      request,
      words: call.words,
      json: call.values.json === true,
      progress: new ProgressView(process.stderr, clock),
    };
    try {
      return await ACTIONS[action](job);
    } finally {
      job.progress.end();
    }
  },
};

interface Job {
  readonly request: AdoptRequest;
  readonly words: readonly string[];
  readonly json: boolean;
  readonly progress: ProgressView;
}

type Action = "plan" | "adopt" | "undo" | "commit";

const ACTIONS: Readonly<Record<Action, (job: Job) => Promise<ExitStatus>>> = {
  plan: showPlan,
  adopt: async (job) => guarded("adopt", job, () => applyNow(job)),
  undo: async (job) => guarded("undo", job, () => undoNow(job)),
  commit: async (job) => guarded("commit", job, () => commitNow(job)),
};

function actionOf({ values, words }: Call): Action {
  const asked = (["dry-run", "commit", "undo"] as const).filter((name) => values[name] === true);
  const [first, second] = asked;
  if (second !== undefined)
    throw new FailoverError("CF_CLI_USAGE", `--${first ?? ""} does not go with --${second}.`);
  if ((first === "commit" || first === "undo") && words.length > 0)
    throw new FailoverError("CF_CLI_USAGE", `--${first} takes no home: it is about all of them.`);
  return first === undefined ? "adopt" : first === "dry-run" ? "plan" : first;
}

async function showPlan(job: Job): Promise<ExitStatus> {
  const { makePlan } = await import("./adopt-plan.ts");
  const { request, words, json, progress } = job;
  const places = ownPlaces();
  const plan = await makePlan({
    request,
    daemon: await daemonText(places, clock),
    socket: places.socket,
    onProgress: (each) => progress.show(each),
  });
  progress.end();
  const again = ["claude-failover adopt", ...words].join(" ");
  if (json) printJson(plan);
  else process.stdout.write(planText(plan, again));
  return plan.ready ? EXIT.done : refusalExit(plan.problems);
}

/** Runs `work` while no daemon can start and no other adoption runs on this state. */
async function guarded(
  action: RefusedJson["action"],
  job: Job,
  work: () => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const places = ownPlaces();
  const guard = await guardState(places, clock);
  // A commit needs no daemon stopped: nobody uses the originals any more.
  const isHarmless = action === "commit" && guard.kind === "daemonRuns";
  if (guard.kind !== "ours" && !isHarmless)
    return refuse(action, job, [{ code: "daemonRuns", path: places.socket, text: guard.text }]);
  using _lock = guard.kind === "ours" ? guard.lock : null;
  return await work();
}

async function applyNow(job: Job): Promise<ExitStatus> {
  const { applyAdopt } = await import("../accounts/adopt/apply.ts");
  const { request, progress, json } = job;
  const hint = "claude-failover adopt goes on where it stopped; adopt --undo takes it back.";
  using stop = stopWish({ tell: tellStopping, hint });
  const outcome = await applyAdopt(request, {
    clock,
    signal: stop.signal,
    onStep: stop.onStep,
    onProgress: (each) => progress.show(each),
  });
  progress.end();
  if (outcome.kind === "refused") return refuse("adopt", job, outcome.problems);
  const { kind: _, ...rest } = outcome;
  if (json) printJson(doneJson("adopt", rest));
  else process.stdout.write(doneText(outcome));
  return outcome.problems.length === 0 ? EXIT.done : EXIT.fault;
}

async function undoNow(job: Job): Promise<ExitStatus> {
  const { undoAdopt } = await import("../accounts/adopt/undo.ts");
  const { request, progress, json } = job;
  const hint = "claude-failover adopt --undo goes on where it stopped.";
  using stop = stopWish({ tell: tellStopping, hint });
  const outcome = await undoAdopt(request.root, {
    clock,
    onStep: stop.onStep,
    onProgress: (each) => progress.show(each),
  });
  progress.end();
  if (outcome.kind === "refused") return refuse("undo", job, outcome.problems);
  if (outcome.kind === "nothing") return refuse("undo", job, nothingOpen(request));
  // What led to the home that is the slot again; the next start makes it anew.
  removeLinksIn(ownPlaces().slotsDir, (path) => leadsNowhere(path));
  const { kind: _, ...rest } = outcome;
  if (json) printJson(doneJson("undo", rest));
  else process.stdout.write(undoneText(outcome));
  return EXIT.done;
}

async function commitNow(job: Job): Promise<ExitStatus> {
  const { commitAdopt } = await import("../accounts/adopt/commit.ts");
  const { request, progress, json } = job;
  // Deleting hears no signal: what to do after one is said beforehand.
  if (process.stderr.isTTY)
    process.stderr.write("Deleting the originals; interrupted, adopt --commit goes on.\n");
  const outcome = await commitAdopt(request.root, { onProgress: (each) => progress.show(each) });
  progress.end();
  if (outcome.kind === "refused") return refuse("commit", job, outcome.problems);
  if (outcome.kind === "nothing") return refuse("commit", job, nothingOpen(request));
  const { kind: _, ...rest } = outcome;
  if (json) printJson(doneJson("commit", rest));
  else process.stdout.write(committedText(outcome));
  return EXIT.done;
}

function nothingOpen({ root }: AdoptRequest): Obstacle[] {
  const text = `No adoption under ${root} waits for a commit or an undo.`;
  return [{ code: "nothingToAdopt", path: root, text }];
}

function refuse(
  action: RefusedJson["action"],
  job: Job,
  problems: readonly Obstacle[],
): ExitStatus {
  job.progress.end();
  if (job.json) printJson(refusedJson(action, problems));
  else process.stderr.write(`${problemLines(problems).join("\n")}\n`);
  return refusalExit(problems);
}

function tellStopping(): void {
  process.stderr.write("\nStopping at the next file; once more ends it at once.\n");
}
