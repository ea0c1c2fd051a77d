import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  startSwitchoverProcess,
  type ProcessOrder,
  type ProcessReport,
} from "./switchover-process.ts";
import {
  ageLocks,
  makeScene,
  outcomeOf,
  problemsAfterRecovery,
  problemsAtDeath,
  removeScene,
  slotAccount,
} from "./switchover-scene.ts";

/** The tree whose source is tried: the repository's, or a copy with a planted bug. */
export interface CrashTrial {
  readonly tree: string;
  readonly refusesAfterFlip?: boolean;
  /** Not the shared slot is moved but one of its own beside it. */
  readonly own?: boolean;
  /** Only gates of these names; all of them by default. */
  readonly only?: readonly string[];
  /** A planted bug needs to be seen only once. */
  readonly stopsAtFirst?: boolean;
}

interface Gate {
  readonly label: string;
  readonly index: number;
}

type Order = Omit<ProcessOrder, "folder">;

async function run(tree: string, order: ProcessOrder): Promise<readonly ProcessReport[]> {
  const program = startSwitchoverProcess(tree, order);
  await program.ended();
  return program.reports;
}

/**
 * Kills a switchover at every gate it has, recovers, and recovers again. Returns what was wrong,
 * one line each with the gate's number and name, and how many gates there were.
 */
export async function killAtEveryGate(trial: CrashTrial): Promise<Findings> {
  const { tree, refusesAfterFlip = false } = trial;
  const order: Order = { mode: "switch", refusesAfterFlip };
  return await forEachGate({ trial, order, before: [], tree });
}

/** The same with a recovery: the switchover before it died at `diedAt`. */
export async function killRecoveryAtEveryGate(
  trial: CrashTrial & { readonly diedAt: string },
): Promise<Findings> {
  const { tree, diedAt, refusesAfterFlip = false } = trial;
  const before: Order[] = [{ mode: "switch", diesAtLabel: diedAt, refusesAfterFlip }];
  return await forEachGate({ trial, order: { mode: "recover", refusesAfterFlip }, before, tree });
}

export interface Findings {
  readonly gates: readonly string[];
  readonly problems: readonly string[];
}

async function forEachGate(options: {
  trial: CrashTrial;
  tree: string;
  order: Order;
  before: readonly Order[];
}): Promise<Findings> {
  const { trial, tree, order, before } = options;
  const { own = false, only } = trial;
  const gates = await inScene({ own }, async (folder) => {
    await prepare({ tree, folder, before });
    const reports = await run(tree, { ...order, folder, tellGates: true });
    return reports.flatMap((report) => (report.kind === "gate" ? [report.label] : []));
  });
  const problems: string[] = [];
  const numbered = gates.map((label, index) => ({ label, index }));
  const wanted = numbered.filter(({ label }) => only?.includes(label) ?? true);
  const ordered = trial.stopsAtFirst === true ? nearestToTheFlip(wanted) : wanted;
  await twoAtATime(ordered, async ({ label, index }) => {
    if (trial.stopsAtFirst === true && problems.length > 0) return;
    const found = await inScene({ own }, async (folder) => {
      await prepare({ tree, folder, before });
      await run(tree, { ...order, folder, diesAt: index + 1 });
      return afterDeath({ folder, trial });
    });
    problems.push(...found.map((problem) => `gate ${index + 1} ${label}: ${problem}`));
  });
  return { gates, problems };
}

/** Where a bug shows first. */
function nearestToTheFlip(gates: readonly Gate[]): readonly Gate[] {
  const flip = gates.findIndex(({ label }) => label === "rename:after");
  const distance = ({ index }: Gate): number => Math.abs(index - flip);
  return gates.toSorted((a, b) => distance(a) - distance(b));
}

async function prepare(options: {
  tree: string;
  folder: string;
  before: readonly Order[];
}): Promise<void> {
  const { tree, folder, before } = options;
  for (const order of before) {
    await run(tree, { ...order, folder });
    ageLocks(folder);
  }
}

async function afterDeath(options: { folder: string; trial: CrashTrial }): Promise<string[]> {
  const { folder, trial } = options;
  const { tree, refusesAfterFlip = false } = trial;
  const problems = [...problemsAtDeath(folder), ...ageLocks(folder)];
  const reports = await run(tree, { folder, mode: "recover", refusesAfterFlip }).catch(
    (thrown: unknown): readonly ProcessReport[] => {
      problems.push(`the recovery failed: ${String(thrown)}`);
      return [];
    },
  );
  problems.push(...problemsAfterRecovery(folder));
  if (refusesAfterFlip && outcomeOf(folder) === "committed") problems.push("it was never verified");
  const [first, again] = reports.filter((report) => report.kind === "recovered");
  if (again?.action !== "nothing") problems.push(`recovered again: ${again?.action}`);
  if (again?.left !== first?.left) problems.push("a second recovery changed something");
  return problems;
}

/**
 * Kills a process that switches back and forth at `times` random moments, each time in the same
 * folder, and recovers each time before it goes on.
 */
export async function killAtRandomMoments(options: {
  tree: string;
  times: number;
  /** Milliseconds from 0 to this; a turn takes about ten. */
  within: number;
}): Promise<readonly string[]> {
  const { tree, times, within } = options;
  return inScene({}, async (folder) => {
    const problems: string[] = [];
    for (let time = 1; time <= times; time += 1) {
      const program = startSwitchoverProcess(tree, { folder, mode: "loop", waits: true });
      await program.until(({ kind }) => kind === "ready");
      const found = problemsAfterRecovery(folder);
      program.go();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * within));
      program.child.kill("SIGKILL");
      await program.ended();
      found.push(...problemsAtDeath(folder), ...ageLocks(folder));
      problems.push(...found.map((problem) => `kill ${time}: ${problem}`));
    }
    await run(tree, { folder, mode: "recover" });
    return [...problems, ...problemsAfterRecovery(folder)];
  });
}

/**
 * A client refreshes the old account's login meanwhile: it holds its lock, and writes what it got
 * through the slot. The flip has to wait for it.
 */
export async function flipDuringRefresh(tree: string): Promise<readonly string[]> {
  return inScene({}, async (folder) => {
    const lock = join(folder, "one", ".oauth_refresh.lock");
    mkdirSync(lock);
    const program = startSwitchoverProcess(tree, { folder, mode: "switch", tellGates: true });
    await program.until(
      (report) =>
        report.kind === "waiting" || (report.kind === "gate" && report.label === "flip:effect"),
    );
    const problems = slotAccount(folder) === "one" ? [] : ["flipped while a refresh was running"];
    writeFileSync(join(folder, "slot", ".credentials.json"), `{"of":"one"}`);
    rmdirSync(lock);
    await program.ended();
    problems.push(...problemsAtDeath(folder), ...problemsAfterRecovery(folder));
    if (slotAccount(folder) !== "two") problems.push("it was never flipped");
    return problems;
  });
}

async function inScene<T>(
  how: { own?: boolean },
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = makeScene(how);
  try {
    return await work(folder);
  } finally {
    removeScene(folder);
  }
}

async function twoAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
