import { lstatSync, opendirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { onDisk } from "./fault.ts";
import {
  backupDirectory,
  openAdoptions,
  record,
  removeAdoption,
  type AdoptionState,
} from "./journal.ts";
import type { AdoptProblem, OnProgress } from "./model.ts";

export type CommitOutcome =
  | { readonly kind: "committed"; readonly stamps: readonly string[]; readonly deleted: number }
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly problems: readonly AdoptProblem[] };

export interface CommitOptions {
  readonly onProgress?: OnProgress;
  readonly onStep?: (step: string) => void;
}

/**
 * Deletes the originals of all finished adoptions: after this they cannot be undone. An adoption
 * that is not finished refuses it. Killed at any point, it goes on when called again.
 */
export async function commitAdopt(
  root: string,
  options: CommitOptions = {},
): Promise<CommitOutcome> {
  return await onDisk(async () => await commitAll(root, options));
}

async function commitAll(root: string, options: CommitOptions): Promise<CommitOutcome> {
  const open = openAdoptions(root);
  const unfinished = open.find(({ phase }) => phase === "joining" || phase === "undoing");
  if (unfinished !== undefined) {
    const text = "It is not finished; call adopt again, or adopt --undo.";
    return {
      kind: "refused",
      problems: [{ code: "unfinished", path: unfinished.directory, text }],
    };
  }
  if (open.length === 0) return { kind: "nothing" };
  const onStep = options.onStep ?? ((): void => undefined);
  let deleted = 0;
  for (const state of open) {
    deleted += await commitOne(state, onStep, (count) => {
      options.onProgress?.({ phase: "deleting", done: deleted + count, total: 0, bytes: 0 });
    });
  }
  return { kind: "committed", stamps: open.map(({ begun }) => begun.stamp), deleted };
}

async function commitOne(
  state: AdoptionState,
  onStep: (step: string) => void,
  onCount: (count: number) => void,
): Promise<number> {
  const { begun, directory } = state;
  if (state.phase === "done") await record(state, { step: "commitBegun" });
  onStep("commitBegun");
  let deleted = 0;
  const count = (): void => {
    deleted += 1;
    if (deleted % 256 === 1) onCount(deleted);
  };
  for (const home of new Set(begun.pairs.map((pair) => pair.home))) {
    deleteTree(backupDirectory(home, begun.stamp), count);
    onStep("backupDeleted");
  }
  if (state.phase !== "undone") await record(state, { step: "committed" });
  onStep("committed");
  await removeAdoption(directory);
  onStep("directoryRemoved");
  return deleted;
}

/** Deletes a tree without holding more than one open directory a level. Follows no link. */
function deleteTree(path: string, count: () => void): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    unlinkSync(path);
    return count();
  }
  const directory = opendirSync(path);
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      deleteTree(join(path, entry.name), count);
    }
  } finally {
    directory.closeSync();
  }
  rmdirSync(path);
}
