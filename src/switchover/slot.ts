import { randomBytes } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { errnoOf, FailoverError, type ErrorCode } from "../errors.ts";
import { nodeSlotFs, type SlotFs } from "./slot-fs.ts";

/** What lies where the slot link belongs. */
export type SlotState =
  | { readonly kind: "missing" }
  | {
      readonly kind: "link";
      /** The link's own words. */
      readonly text: string;
      /** `text` made absolute against the link's folder. */
      readonly target: string;
      /** The directory it ends at, every link resolved; null when there is none. */
      readonly home: string | null;
      /** When the link was made, epoch milliseconds. */
      readonly madeAt: number;
    }
  | { readonly kind: "notALink"; readonly what: "file" | "directory" | "other" }
  | { readonly kind: "loop"; readonly text: string };

/** Looks at the slot; changes nothing. Throws CF_SLOT_UNREADABLE when it cannot even be looked at. */
export function readSlot(path: string, fs: SlotFs = nodeSlotFs): SlotState {
  try {
    const { kind, mtimeMs } = fs.look(path);
    if (kind !== "link") return { kind: "notALink", what: kind };
    const text = fs.readlink(path);
    const { home, isLoop } = homeBehind(path, fs);
    if (isLoop) return { kind: "loop", text };
    return { kind: "link", text, target: resolve(dirname(path), text), home, madeAt: mtimeMs };
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    if (errno === "ENOENT") return { kind: "missing" };
    throw new FailoverError("CF_SLOT_UNREADABLE", `${path} cannot be looked at (${errno}).`, {
      details: { path, errno },
      cause: thrown,
    });
  }
}

/** A home on a vanished mount, behind a closed folder or gone altogether: there is none. */
function homeBehind(path: string, fs: SlotFs): { home: string | null; isLoop: boolean } {
  try {
    const home = fs.realpath(path);
    return { home: fs.isDirectory(home) ? home : null, isLoop: false };
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return { home: null, isLoop: errnoOf(thrown) === "ELOOP" };
  }
}

/**
 * Points the slot at `to`, atomically and durably: temp link beside it, rename, fsync of the folder.
 * `expect` is the link text the caller saw; anything else there is left alone (CF_SLOT_CHANGED).
 *
 * Throws CF_SLOT_CHANGED, CF_SLOT_TARGET, CF_SLOT_UNWRITABLE, CF_SLOT_FULL or CF_SLOT_FAILED. After
 * a throw the caller must read the slot: a sync that fails comes after the rename.
 */
export function flipSlot(options: { slot: string; to: string; expect: string; fs?: SlotFs }): void {
  const { slot, to, expect, fs = nodeSlotFs } = options;
  requireDirectory(resolve(dirname(slot), to), fs);
  const temporary = temporaryName(slot);
  inFolder(slot, fs, () => {
    fs.symlink(to, temporary);
    try {
      // Last look. A directory that came here since makes the rename fail; nothing is replaced.
      requireUnchanged({ slot, expect, fs });
      fs.rename(temporary, slot);
    } catch (thrown) {
      removeQuietly(temporary, fs);
      throw thrown;
    }
  });
}

/**
 * Makes a missing slot. Never replaces anything: whatever lies there is CF_SLOT_OCCUPIED. Throws as
 * flipSlot does.
 */
export function createSlot(options: { slot: string; to: string; fs?: SlotFs }): void {
  const { slot, to, fs = nodeSlotFs } = options;
  requireDirectory(resolve(dirname(slot), to), fs);
  inFolder(slot, fs, () => fs.symlink(to, slot));
}

/** The links that lie in a folder of slots; none where there is no such folder. */
export function linksIn(folder: string, fs: SlotFs = nodeSlotFs): readonly string[] {
  return entriesOf(folder, fs).filter((path) => fs.look(path).kind === "link");
}

/** Whether a link of a folder of slots leads nowhere any more. */
export function leadsNowhere(path: string, fs: SlotFs = nodeSlotFs): boolean {
  return homeBehind(path, fs).home === null;
}

/** Removes those links of a folder of slots that are meant; returns their paths. No client may use them. */
export function removeLinksIn(
  folder: string,
  isMeant: (path: string) => boolean,
  fs: SlotFs = nodeSlotFs,
): readonly string[] {
  return linksIn(folder, fs)
    .filter(isMeant)
    .filter((path) => removeQuietly(path, fs));
}

/** Removes temp links that a killed flip left beside the slot, and returns their paths. */
export function removeStrays(slot: string, fs: SlotFs = nodeSlotFs): readonly string[] {
  return strays(slot, fs).filter((path) => removeQuietly(path, fs));
}

/** Temp links that lie beside the slot. */
export function strays(slot: string, fs: SlotFs = nodeSlotFs): readonly string[] {
  const prefix = join(dirname(slot), temporaryPrefix(slot));
  return entriesOf(dirname(slot), fs).filter(
    (path) => path.startsWith(prefix) && fs.look(path).kind === "link",
  );
}

function entriesOf(folder: string, fs: SlotFs): readonly string[] {
  try {
    return fs.list(folder).map((name) => join(folder, name));
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return [];
  }
}

function temporaryPrefix(slot: string): string {
  return `${basename(slot)}.cf-flip-`;
}

function temporaryName(slot: string): string {
  const name = `${temporaryPrefix(slot)}${randomBytes(6).toString("hex")}`;
  return join(dirname(slot), name);
}

function requireDirectory(to: string, fs: SlotFs): void {
  let isDirectory: boolean;
  try {
    isDirectory = fs.isDirectory(to);
  } catch (thrown) {
    throw slotError(
      "CF_SLOT_TARGET",
      `${to} cannot be reached (${errnoOf(thrown) ?? "?"}).`,
      to,
      thrown,
    );
  }
  if (!isDirectory) throw slotError("CF_SLOT_TARGET", `${to} is not a directory.`, to);
}

function requireUnchanged(options: { slot: string; expect: string; fs: SlotFs }): void {
  const { slot, expect, fs } = options;
  const now = readSlot(slot, fs);
  const text = now.kind === "link" || now.kind === "loop" ? now.text : null;
  if (text === expect) return;
  const found = text === null ? slotText(now) : `a link to ${text}`;
  throw slotError("CF_SLOT_CHANGED", `${slot} is now ${found}, not a link to ${expect}.`, slot);
}

/** What lies in the slot, in words. */
export function slotText(slot: SlotState): string {
  switch (slot.kind) {
    case "missing":
      return "missing";
    case "link":
      return slot.home === null
        ? `a link to ${slot.target}, which is no directory`
        : `a link to ${slot.target}`;
    case "loop":
      return `a link to ${slot.text}, which leads round in a circle`;
    case "notALink":
      return slot.what === "other" ? "not a link" : `a ${slot.what}`;
  }
}

/** Opens the folder first, so that one that cannot be synced refuses before anything is changed. */
function inFolder(slot: string, fs: SlotFs, change: () => void): void {
  try {
    const folder = fs.openDirectory(dirname(slot));
    try {
      change();
      folder.sync();
    } finally {
      folder.close();
    }
  } catch (thrown) {
    throw slotFault(slot, thrown);
  }
}

const FAULTS: Readonly<Record<string, ErrorCode>> = {
  EEXIST: "CF_SLOT_OCCUPIED",
  EISDIR: "CF_SLOT_CHANGED",
  EACCES: "CF_SLOT_UNWRITABLE",
  EPERM: "CF_SLOT_UNWRITABLE",
  EROFS: "CF_SLOT_UNWRITABLE",
  ENOSPC: "CF_SLOT_FULL",
  EDQUOT: "CF_SLOT_FULL",
};

function slotFault(slot: string, thrown: unknown): unknown {
  const errno = errnoOf(thrown);
  if (thrown instanceof FailoverError || errno === undefined) return thrown;
  const code = FAULTS[errno] ?? "CF_SLOT_FAILED";
  return slotError(code, `The link ${slot} could not be changed (${errno}).`, slot, thrown);
}

function slotError(code: ErrorCode, message: string, path: string, cause?: unknown): FailoverError {
  const errno = errnoOf(cause) ?? null;
  return new FailoverError(code, message, { details: { path, errno }, cause });
}

function removeQuietly(path: string, fs: SlotFs): boolean {
  try {
    fs.unlink(path);
    return true;
  } catch (thrown) {
    // A stray link does no harm, and the next recovery removes it.
    if (errnoOf(thrown) === undefined) throw thrown;
    return false;
  }
}
