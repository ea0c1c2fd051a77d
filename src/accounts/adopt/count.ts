import { basename, join } from "node:path";
import { decideAt } from "./decide-at.ts";
import { deviceOf } from "./device.ts";
import { LISTED, type AdoptPair, type OnProgress, type PairCount, type SlotMove } from "./model.ts";
import { decideEntry, type EntryDecision } from "./plan.ts";
import { factsAt, walkTree, type TreeEntry } from "./walk.ts";

/**
 * Counts what joining the pairs would do, as if they were joined one after the other: an entry is
 * held against the shared tree, and against the trees that come before it. Changes nothing.
 */
export async function countPairs(options: {
  pairs: readonly AdoptPair[];
  slotMove: SlotMove | null;
  onProgress: OnProgress;
}): Promise<PairCount[]> {
  const { pairs, slotMove, onProgress } = options;
  const counts: PairCount[] = [];
  const total = { done: 0, bytes: 0 };
  const onEntry = (entry: TreeEntry): void => {
    total.done += 1;
    total.bytes += entry.bytes;
    if (total.done % 256 === 0) onProgress({ phase: "counting", ...total, total: 0 });
  };
  for (const [index, pair] of pairs.entries()) {
    const before = pairs.slice(0, index).filter((other) => other.target === pair.target);
    const rivals = [pair.target, ...before.map((other) => presentPath(other, slotMove))];
    counts.push(await countPair({ pair, source: presentPath(pair, slotMove), rivals, onEntry }));
  }
  onProgress({ phase: "counting", ...total, total: total.done });
  return counts;
}

/** Where the private tree of a pair lies before the slot is moved. */
function presentPath(pair: AdoptPair, move: SlotMove | null): string {
  return move !== null && pair.home === move.home ? join(move.slot, pair.link) : pair.path;
}

type Tally = { -readonly [Key in keyof PairCount]: PairCount[Key] } & { conflictPaths: string[] };

async function countPair(options: {
  pair: AdoptPair;
  source: string;
  rivals: readonly string[];
  onEntry: (entry: TreeEntry) => void;
}): Promise<PairCount> {
  const { pair, source, rivals, onEntry } = options;
  const tally: Tally = {
    pair,
    files: 0,
    directories: 0,
    bytes: 0,
    place: 0,
    present: 0,
    longer: 0,
    conflicts: 0,
    conflictPaths: [],
    left: 0,
    copyBytes: 0,
    way: (await deviceOf(source)) === (await deviceOf(pair.target)) ? "link" : "copy",
  };
  for (const entry of walkTree(source)) {
    const decision = await decideAmong({ entry, source, rivals });
    add(tally, entry, decision);
    onEntry(entry);
  }
  return tally;
}

async function decideAmong(options: {
  entry: TreeEntry;
  source: string;
  rivals: readonly string[];
}): Promise<EntryDecision> {
  const { entry, rivals } = options;
  const source = join(options.source, entry.path);
  const name = entry.name === "" ? basename(options.source) : entry.name;
  let met: EntryDecision | null = null;
  for (const rival of rivals) {
    const target = join(rival, entry.path);
    if (factsAt(target) === null) continue;
    met = await decideAt({ entry, source, target, name });
    if (met === "nothing") return met;
  }
  const alone = { source: entry.facts, target: null, appendOnly: false, comparison: null };
  return met ?? decideEntry(alone);
}

function add(tally: Tally, entry: TreeEntry, decision: EntryDecision): void {
  if (entry.facts.kind === "directory") tally.directories += 1;
  else if (entry.facts.kind !== "other") tally.files += 1;
  tally.bytes += entry.bytes;
  switch (decision) {
    case "nothing":
      if (entry.facts.kind !== "directory") tally.present += 1;
      return;
    case "place":
    case "placeLink":
      tally.place += 1;
      break;
    case "replace":
      tally.longer += 1;
      break;
    case "aside":
      tally.conflicts += 1;
      if (tally.conflictPaths.length < LISTED) {
        tally.conflictPaths.push(join(tally.pair.link, entry.path));
      }
      break;
    case "leave":
      tally.left += 1;
      return;
    case "makeDirectory":
    case "compare":
      return;
  }
  if (tally.way === "copy") tally.copyBytes += entry.bytes;
}
