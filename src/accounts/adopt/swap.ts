import { mkdir, rename, rmdir, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf, FailoverError } from "../../errors.ts";
import { entryAt } from "../entry.ts";
import { ensureDirectory, syncDirectory } from "./durable.ts";
import type { AdoptPair, SlotMove } from "./model.ts";

/** Where the original of a pair is, as the disk says. */
type SwapState = "private" | "between" | "shared" | "foreign";

/** Looks where the original of a pair lies and what is in its place. */
export async function swapState(pair: AdoptPair, backup: string): Promise<SwapState> {
  const here = entryAt(pair.path);
  const saved = entryAt(join(backup, pair.link));
  if (saved.kind === "missing") return here.kind === pair.kind ? "private" : "foreign";
  if (here.kind === "missing") return "between";
  return here.kind === "link" && here.to === pair.target ? "shared" : "foreign";
}

/** Moves the original into the backup and puts the link in its place; goes on where it stopped. */
export async function swapIn(options: {
  pair: AdoptPair;
  backup: string;
  onStep: (step: string) => void;
}): Promise<void> {
  const { pair, backup, onStep } = options;
  await ensureDirectory(backup);
  const state = await swapState(pair, backup);
  if (state === "foreign") throw foreign(pair.path);
  if (state === "private") {
    await rename(pair.path, join(backup, pair.link));
    await syncBoth(pair.path, backup);
    onStep("originalMoved");
  }
  if (state !== "shared") {
    await symlink(pair.target, pair.path);
    await syncDirectory(dirname(pair.path));
    onStep("linkMade");
  }
}

/** Takes the link away and puts the original back; goes on where it stopped. */
export async function swapOut(options: {
  pair: AdoptPair;
  backup: string;
  onStep: (step: string) => void;
}): Promise<void> {
  const { pair, backup, onStep } = options;
  const state = await swapState(pair, backup);
  if (state === "foreign") throw foreign(pair.path);
  if (state === "shared") {
    await unlink(pair.path);
    onStep("linkRemoved");
  }
  if (state !== "private") {
    await rename(join(backup, pair.link), pair.path);
    await syncBoth(pair.path, backup);
    onStep("originalBack");
  }
  // Other pairs of the home may still wait there.
  await rmdir(backup).catch(() => undefined);
}

/** Turns the slot's directory into the home, with a link in its place; goes on where it stopped. */
export async function moveSlot(move: SlotMove, onStep: (step: string) => void): Promise<void> {
  const slot = entryAt(move.slot);
  if (slot.kind === "link" && slot.to === move.home) return;
  if (slot.kind === "directory") {
    await mkdir(dirname(move.home), { recursive: true, mode: 0o700 });
    // Only an empty directory gives way to another one; a filled one fails with ENOTEMPTY.
    await rename(move.slot, move.home);
    await syncBoth(move.slot, dirname(move.home));
    onStep("slotRenamed");
  } else if (slot.kind !== "missing") throw foreign(move.slot);
  await symlink(move.home, move.slot);
  await syncDirectory(dirname(move.slot));
  onStep("slotLinked");
}

/** Puts the home back where the slot is; goes on where it stopped. */
export async function moveSlotBack(move: SlotMove, onStep: (step: string) => void): Promise<void> {
  const slot = entryAt(move.slot);
  if (slot.kind === "directory") {
    if (move.hadEmptyHome) await ensureDirectory(move.home);
    return;
  }
  if (slot.kind === "link" && slot.to !== move.home) throw foreign(move.slot);
  if (slot.kind === "link") {
    await unlink(move.slot);
    onStep("slotUnlinked");
  } else if (slot.kind !== "missing") throw foreign(move.slot);
  await rename(move.home, move.slot);
  if (move.hadEmptyHome) await ensureDirectory(move.home);
  await syncBoth(move.slot, dirname(move.home));
  onStep("slotBack");
}

async function syncBoth(path: string, other: string): Promise<void> {
  await syncDirectory(dirname(path));
  await syncDirectory(other);
}

function foreign(path: string): FailoverError {
  return new FailoverError(
    "CF_ACCOUNT_ADOPT_MEANWHILE",
    `${path} is not what the adoption left there.`,
    { details: { path } },
  );
}

/** Removes a directory if nothing is left in it. True when it is gone. */
export async function removeIfEmpty(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return true;
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(errnoOf(thrown) ?? "")) return false;
    throw thrown;
  }
}
