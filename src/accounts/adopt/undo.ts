import { lstat, readFile, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FailoverError } from "../../errors.ts";
import { entryAt } from "../entry.ts";
import type { AdoptOptions } from "./apply.ts";
import { usersProblems } from "./apply.ts";
import { changesBackwards, type Change } from "./batches.ts";
import { compareFiles } from "./contents.ts";
import { syncDirectory } from "./durable.ts";
import { onDisk } from "./fault.ts";
import {
  backupDirectory,
  hasStep,
  openAdoptions,
  record,
  removeAdoption,
  type AdoptionState,
} from "./journal.ts";
import { draftPath } from "./make-change.ts";
import { LISTED, type AdoptPair, type AdoptProblem } from "./model.ts";
import { moveSlotBack, removeIfEmpty, swapOut, swapState } from "./swap.ts";

/** What an undo did, or why it did nothing. */
export type UndoOutcome =
  | {
      readonly kind: "undone";
      readonly stamp: string;
      /** How many entries stay in the shared trees because they changed since, and the first. */
      readonly kept: number;
      readonly keptPaths: readonly string[];
    }
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly problems: readonly AdoptProblem[] };

/**
 * Takes back the latest adoption that is not committed: links away, originals back, and what was
 * brought into the shared trees out of them again. What was written there since stays there and is
 * listed: nothing is lost. Killed at any point, it goes on where it stopped when called again.
 */
export async function undoAdopt(root: string, options: AdoptOptions): Promise<UndoOutcome> {
  return await onDisk(async () => await undoLatest(root, options));
}

async function undoLatest(root: string, options: AdoptOptions): Promise<UndoOutcome> {
  const state = openAdoptions(root).findLast(({ phase }) => phase !== "committed");
  if (state === undefined) return { kind: "nothing" };
  if (state.phase === "committing") {
    const text = "Its originals are being deleted; call adopt --commit again to finish.";
    return { kind: "refused", problems: [{ code: "unfinished", path: state.directory, text }] };
  }
  const { begun } = state;
  if (state.phase !== "undone") {
    const problems = [...usersProblems(undoneHomes(state), options), ...(await strangers(state))];
    if (problems.length > 0) return { kind: "refused", problems };
  }
  const onStep = options.onStep ?? ((): void => undefined);
  const kept = state.phase === "undone" ? NO_KEPT : await takeBack(state, onStep, options);
  await removeAdoption(state.directory);
  onStep("directoryRemoved");
  return { kind: "undone", stamp: begun.stamp, ...kept };
}

const NO_KEPT = { kept: 0, keptPaths: [] };

function undoneHomes({ begun }: AdoptionState): string[] {
  const slot = begun.slotMove === null ? [] : [begun.slotMove.slot, begun.slotMove.home];
  return [...new Set([...slot, ...begun.pairs.flatMap(({ home, target }) => [home, target])])];
}

/** What is not as the adoption left it: looked at before anything is touched, so that nothing is half undone. */
async function strangers(state: AdoptionState): Promise<AdoptProblem[]> {
  const { pairs, slotMove, stamp } = state.begun;
  const found: AdoptProblem[] = [];
  for (const [index, pair] of pairs.entries()) {
    if (!hasStep(state, "swapIntent", index) || hasStep(state, "unswapped", index)) continue;
    if ((await swapState(pair, backupDirectory(pair.home, stamp))) !== "foreign") continue;
    found.push({
      code: "changed",
      path: pair.path,
      text: `${pair.path} is not the link to ${pair.target} any more. Put it back.`,
    });
  }
  if (slotMove === null || !state.rows.some(({ step }) => step === "slotIntent")) return found;
  const { slot, home } = slotMove;
  const entry = entryAt(slot);
  const isOurs = entry.kind === "link" ? entry.to === home : entry.kind !== "file";
  const now = entry.kind === "link" ? `leads to ${entry.to} now` : "is something else now";
  const text = `${slot} ${now}, and not to ${home}. Switch back to that account and stop the daemon first; claude-failover uninstall keeps the account that is active.`;
  return isOurs ? found : [...found, { code: "changed", path: slot, text }];
}

async function takeBack(
  state: AdoptionState,
  onStep: (step: string) => void,
  options: AdoptOptions,
): Promise<{ kept: number; keptPaths: string[] }> {
  const { begun } = state;
  if (state.phase !== "undoing") await record(state, { step: "undoBegun" });
  onStep("undoBegun");
  const filled: string[] = [];
  for (const row of state.rows)
    if (row.step === "ensureIntent") filled.push(...(await removeEnsured(row.paths, begun.root)));
  onStep("ensuredRemoved");
  for (const [index, pair] of [...begun.pairs.entries()].toReversed()) {
    if (!hasStep(state, "swapIntent", index) || hasStep(state, "unswapped", index)) continue;
    await swapOut({ pair, backup: backupDirectory(pair.home, begun.stamp), onStep });
    await record(state, { step: "unswapped", pair: index });
    onStep("unswapped");
  }
  const kept = state.rows.some(({ step }) => step === "unjoined")
    ? { kept: 0, keptPaths: [] }
    : await unjoin(state, onStep, options);
  await record(state, { step: "unjoined" });
  onStep("unjoined");
  if (begun.slotMove !== null && state.rows.some(({ step }) => step === "slotIntent")) {
    await moveSlotBack(begun.slotMove, onStep);
  }
  await record(state, { step: "undone" });
  onStep("undone");
  return { kept: kept.kept + filled.length, keptPaths: [...filled, ...kept.keptPaths] };
}

/** Links and targets that were made because they were missing. Returns what is filled by now and stays. */
async function removeEnsured(paths: readonly string[], root: string): Promise<string[]> {
  const filled: string[] = [];
  for (const path of paths.toReversed()) {
    const entry = entryAt(path);
    if (entry.kind === "link" && dirname(entry.to) === root) await unlink(path);
    else if (entry.kind === "directory" && !(await removeIfEmpty(path))) filled.push(path);
    else if (entry.kind === "file" && (await isSeed(path))) await unlink(path);
    else if (entry.kind === "file") filled.push(path);
  }
  return filled;
}

/** A file that was seeded (`{}`, or empty) and has not been written since. */
async function isSeed(path: string): Promise<boolean> {
  return ["", "{}"].includes((await readFile(path, "utf8")).trim());
}

async function unjoin(
  state: AdoptionState,
  onStep: (step: string) => void,
  options: AdoptOptions,
): Promise<{ kept: number; keptPaths: string[] }> {
  const { begun, directory } = state;
  const kept = { kept: 0, keptPaths: [] as string[] };
  let done = 0;
  for (const pair of begun.pairs) await rm(draftPath(pair), { force: true });
  for (const change of changesBackwards(directory)) {
    const pair = begun.pairs[change.pair];
    if (pair === undefined) throw unknownPair(directory);
    const stays = await unmakeChange({ change, pair, directory });
    if (stays !== null) {
      kept.kept += 1;
      if (kept.keptPaths.length < LISTED) kept.keptPaths.push(stays);
    }
    onStep("unchanged");
    done += 1;
    if (done % 256 === 1) options.onProgress?.({ phase: "undoing", done, total: 0, bytes: 0 });
  }
  return kept;
}

function unknownPair(directory: string): FailoverError {
  return new FailoverError(
    "CF_ACCOUNT_ADOPT_JOURNAL",
    `The journal of the adoption in ${directory} names a pair it does not know.`,
    { details: { directory } },
  );
}

/** Takes one change back. Returns the path that stays because it is not what was put there. */
async function unmakeChange(at: {
  change: Change;
  pair: AdoptPair;
  directory: string;
}): Promise<string | null> {
  const { change, pair, directory } = at;
  const from = join(pair.path, change.from);
  const to = join(pair.target, change.to);
  const entry = entryAt(to);
  switch (change.do) {
    case "makeDirectory":
      return entry.kind !== "directory" || (await removeIfEmpty(to)) ? null : to;
    case "placeLink":
      if (entry.kind === "link" && entry.to === change.text) await unlink(to);
      return null;
    case "place":
      if (entry.kind !== "file") return null;
      if (!(await sameContent(from, to))) return to;
      await unlink(to);
      return null;
    case "replace":
      return await unreplace({ from, to, saved: join(directory, change.saved) });
  }
}

/** Puts the shorter file back, unless the longer one has grown since: it contains both. */
async function unreplace(at: { from: string; to: string; saved: string }): Promise<string | null> {
  const { from, to, saved } = at;
  // Killed before it was replaced: the old file is still there, at most under both names.
  if (entryAt(saved).kind !== "file" || (await sameInode(saved, to))) return null;
  if (entryAt(to).kind === "file" && !(await sameContent(from, to))) {
    if ((await compareFiles(saved, to)) !== "different") return to;
    await rename(saved, `${to}.before-adopt`);
    return to;
  }
  await rename(saved, to);
  await syncDirectory(dirname(to));
  return null;
}

async function sameContent(one: string, other: string): Promise<boolean> {
  try {
    return (await sameInode(one, other)) || (await compareFiles(one, other)) === "equal";
  } catch {
    // The original is gone: then the shared one is the only one there is.
    return false;
  }
}

async function sameInode(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all(
    [one, other].map((path) => lstat(path, { bigint: true }).catch(() => null)),
  );
  if (!left || !right) return false;
  return left.dev === right.dev && left.ino === right.ino;
}
