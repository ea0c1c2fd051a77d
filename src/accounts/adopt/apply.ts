import { mkdir, rm } from "node:fs/promises";
import { rfc3339, type Clock } from "../../clock.ts";
import { findHomeUsers, userText } from "../home-users.ts";
import { ensureAll, validateAll } from "../shared-links.ts";
import { ensureDirectory } from "./durable.ts";
import { onDisk } from "./fault.ts";
import { joinTree, type JoinResult } from "./join-tree.ts";
import {
  adoptionDirectory,
  backupDirectory,
  hasStep,
  openAdoptions,
  record,
  removeUnbegun,
  writeBegun,
  type AdoptionState,
} from "./journal.ts";
import { draftPath } from "./make-change.ts";
import type { AdoptPair, AdoptPlan, AdoptProblem, OnProgress } from "./model.ts";
import { moveSlot, swapIn } from "./swap.ts";
import { surveyAdopt, type AdoptRequest } from "./survey.ts";

export interface AdoptOptions {
  readonly clock: Clock;
  readonly onProgress?: OnProgress;
  /** Called after every durable step and every single change; for tests that end the process. */
  readonly onStep?: (step: string) => void;
  readonly signal?: AbortSignal;
  /** Skip the look for processes, where the system cannot tell. The operator answers for it. */
  readonly assumeUnused?: boolean;
  /** Changes written down together; more is faster, fewer holds less. */
  readonly batchSize?: number;
}

/** What an adoption did, or why it did nothing. */
export type AdoptOutcome =
  | {
      readonly kind: "done";
      readonly stamp: string;
      /** The journal, and what was replaced in the shared trees. */
      readonly directory: string;
      /** Where the originals wait for `adopt --commit` or `adopt --undo`. */
      readonly backups: readonly string[];
      readonly results: readonly { readonly pair: AdoptPair; readonly result: JoinResult }[];
      /** What the homes still lack afterwards. */
      readonly problems: readonly string[];
    }
  | { readonly kind: "refused"; readonly problems: readonly AdoptProblem[] };

const BATCH_SIZE = 256;

/**
 * Makes shared what is private in the homes (issue: adopt). Everything is brought into the shared
 * trees first, while the homes stay as they are; then each original is moved into a dated backup in
 * its own home and a link takes its place; then everything is checked once more. Killed at any
 * point, it goes on where it stopped when called again with any request; `undoAdopt` takes it back.
 *
 * Throws a `FailoverError` for faults (no space, a copy that differs); what was done so far stays
 * journaled.
 */
export async function applyAdopt(
  request: AdoptRequest,
  options: AdoptOptions,
): Promise<AdoptOutcome> {
  return await onDisk(async () => await applyOrResume(request, options));
}

async function applyOrResume(request: AdoptRequest, options: AdoptOptions): Promise<AdoptOutcome> {
  const unfinished = openAdoptions(request.root).find(({ phase }) => UNFINISHED.includes(phase));
  if (unfinished === undefined) return await applyNew(request, options);
  if (unfinished.phase !== "joining") return refuseUnfinished(unfinished);
  const problems = usersProblems(homesInUse(unfinished.begun), options);
  if (problems.length > 0) return { kind: "refused", problems };
  return await runAdoption(unfinished, options);
}

const UNFINISHED: readonly AdoptionState["phase"][] = ["joining", "undoing", "committing"];

async function applyNew(request: AdoptRequest, options: AdoptOptions): Promise<AdoptOutcome> {
  const plan = await surveyAdopt(request, options.onProgress);
  if (plan.problems.length > 0) return { kind: "refused", problems: plan.problems };
  const problems = usersProblems(homesInUse(plan), options);
  if (problems.length > 0) return { kind: "refused", problems };
  return await runAdoption(await begin(plan, request, options), options);
}

function refuseUnfinished(state: AdoptionState): AdoptOutcome {
  const verb = state.phase === "undoing" ? "--undo" : "--commit";
  const text = `The adoption of ${state.begun.stamp} was interrupted; call adopt ${verb} again first.`;
  return { kind: "refused", problems: [{ code: "unfinished", path: state.directory, text }] };
}

/** The directories that nothing may use: the homes as they lie now, and what they are joined to. */
function homesInUse(plan: Pick<AdoptPlan, "pairs" | "slotMove">): string[] {
  const slot = plan.slotMove === null ? [] : [plan.slotMove.slot, plan.slotMove.home];
  return [...new Set([...slot, ...plan.pairs.flatMap(({ home, target }) => [home, target])])];
}

/** Processes that use one of the directories, as problems that name them. */
export function usersProblems(
  directories: readonly string[],
  options: Pick<AdoptOptions, "assumeUnused">,
): AdoptProblem[] {
  if (options.assumeUnused === true) return [];
  const found = findHomeUsers(directories);
  const path = directories[0] ?? "";
  if (found.kind === "unknown") {
    const text = `Whether a process uses the homes cannot be told: ${found.why}.`;
    return [{ code: "inUse", path, text }];
  }
  return found.users.map((user) => ({
    code: "inUse",
    path,
    text: `${userText(user)}. End it, or let it leave the home.`,
  }));
}

async function begin(
  plan: AdoptPlan,
  request: AdoptRequest,
  { clock }: AdoptOptions,
): Promise<AdoptionState> {
  const stamp = rfc3339(clock.now()).replace(/[-:.]/g, "");
  await mkdir(plan.root, { recursive: true, mode: 0o700 });
  await removeUnbegun(plan.root);
  await ensureDirectory(adoptionDirectory(plan.root, stamp));
  return await writeBegun({
    step: "begun",
    schema: 1,
    stamp,
    root: plan.root,
    links: [...request.links],
    slotMove: plan.slotMove,
    pairs: [...plan.pairs],
    entries: plan.counts.reduce((sum, { files, directories }) => sum + files + directories, 0),
  });
}

async function runAdoption(state: AdoptionState, options: AdoptOptions): Promise<AdoptOutcome> {
  const { begun, directory } = state;
  const onStep = options.onStep ?? ((): void => undefined);
  onStep("begun");
  const moving = begun.slotMove !== null && !state.rows.some(({ step }) => step === "slotMoved");
  if (begun.slotMove !== null && moving) {
    await record(state, { step: "slotIntent" });
    onStep("slotIntent");
    await moveSlot(begun.slotMove, onStep);
    await record(state, { step: "slotMoved" });
    onStep("slotMoved");
  }
  const progress = progressOf(options.onProgress, 2 * begun.entries);
  const results: { pair: AdoptPair; result: JoinResult }[] = [];
  for (const [index, pair] of begun.pairs.entries()) {
    const run = { state, index, pair, options, onStep, progress };
    const outcome = await adoptPair(run);
    if ("refused" in outcome) return { kind: "refused", problems: outcome.refused };
    results.push({ pair, result: outcome.result });
  }
  const problems = await ensureLinks(state, onStep);
  await record(state, { step: "done" });
  onStep("done");
  const homes = [...new Set(begun.pairs.map(({ home }) => home))];
  const backups = homes.map((home) => backupDirectory(home, begun.stamp));
  return { kind: "done", stamp: begun.stamp, directory, backups, results, problems };
}

interface PairRun {
  readonly state: AdoptionState;
  readonly index: number;
  readonly pair: AdoptPair;
  readonly options: AdoptOptions;
  readonly onStep: (step: string) => void;
  readonly progress: ReturnType<typeof progressOf>;
}

async function adoptPair(
  run: PairRun,
): Promise<{ result: JoinResult } | { refused: readonly AdoptProblem[] }> {
  const { state, index, pair, options, onStep } = run;
  const backup = backupDirectory(pair.home, state.begun.stamp);
  let first: JoinResult | null = null;
  if (!hasStep(state, "swapIntent", index)) {
    first = await joinPair(run, pair.path, "joining");
    await record(state, { step: "joined", pair: index });
    onStep("joined");
    // Joining may have taken long: somebody may have begun to use the home since.
    const refused = usersProblems(homesInUse(state.begun), options);
    if (refused.length > 0) return { refused };
    await record(state, { step: "swapIntent", pair: index });
    onStep("swapIntent");
  }
  await swapIn({ pair, backup, onStep });
  await record(state, { step: "swapped", pair: index });
  onStep("swapped");
  // What was written between the joining and the swap arrives now; usually nothing is left to do.
  const check = await joinPair(run, `${backup}/${pair.link}`, "checking");
  await rm(draftPath({ target: pair.target, kind: pair.kind }), { force: true });
  await record(state, { step: "checked", pair: index });
  onStep("checked");
  return { result: { ...check, changes: check.changes + (first?.changes ?? 0) } };
}

async function joinPair(
  run: PairRun,
  source: string,
  phase: "joining" | "checking",
): Promise<JoinResult> {
  const { state, index, pair, options, onStep, progress } = run;
  return await joinTree({
    pair: index,
    label: pair.label,
    origin: pair.path,
    place: { source, target: pair.target, kind: pair.kind, directory: state.directory },
    batchSize: options.batchSize ?? BATCH_SIZE,
    onEntry: (entry) => progress(phase, entry.bytes),
    onStep,
    signal: options.signal,
  });
}

/** The links a home still lacks are made like those of any other home, but so that it can be undone. */
async function ensureLinks(
  state: AdoptionState,
  onStep: (step: string) => void,
): Promise<readonly string[]> {
  const { begun } = state;
  const moved = begun.slotMove === null ? [] : [begun.slotMove.home];
  const homes = [...new Set([...moved, ...begun.pairs.map(({ home }) => home)])];
  const accounts = homes.map((home) => ({ name: home, home }));
  const all = { accounts, links: begun.links, root: begun.root };
  const { missing } = validateAll(all);
  if (missing.length > 0) {
    await record(state, { step: "ensureIntent", paths: [...missing] });
    onStep("ensureIntent");
  }
  const { problems } = await ensureAll(all);
  onStep("ensured");
  return problems.map(
    ({ path, found, expected }) => `${path}: found ${found}, expected ${expected}`,
  );
}

/** Counts what was looked at and tells now and then. */
function progressOf(
  onProgress: OnProgress | undefined,
  total: number,
): (phase: "joining" | "checking", bytes: number) => void {
  const at = { done: 0, bytes: 0 };
  return (phase, bytes) => {
    at.done += 1;
    at.bytes += bytes;
    if (at.done % 256 === 1) onProgress?.({ phase, ...at, total: Math.max(total, at.done) });
  };
}
