import { linkSync } from "node:fs";
import { lstat, mkdir, readlink, rename, rm, stat, symlink, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errnoOf, FailoverError } from "../../errors.ts";
import type { Change } from "./batches.ts";
import { copyVerified } from "./contents.ts";
import { syncDirectory } from "./durable.ts";

/** Where a change of one pair is made. All absolute. */
export interface ChangePlace {
  /** The private tree, wherever it lies at the moment. */
  readonly source: string;
  readonly target: string;
  readonly kind: "directory" | "file";
  /** The adoption's directory, for what is replaced. */
  readonly directory: string;
}

/**
 * Makes one change that was written down before. Making it a second time does nothing. Never
 * overwrites: a name that is taken by something else is `CF_ACCOUNT_ADOPT_MEANWHILE`.
 */
export async function makeChange(change: Change, place: ChangePlace): Promise<void> {
  const from = join(place.source, change.from);
  const to = join(place.target, change.to);
  switch (change.do) {
    case "makeDirectory":
      return await makeDirectory({ from, to, isRoot: change.to === "" });
    case "placeLink":
      return await placeLink(change.text, to);
    case "place":
      return await placeFile({ from, to, draft: draftPath(place) });
    case "replace":
      return await replaceFile({ from, to, place, saved: join(place.directory, change.saved) });
  }
}

/** Directories whose entries a change has touched, to be made durable after a batch. */
export function touchedDirectories(change: Change, place: ChangePlace): string[] {
  const parent = dirname(join(place.target, change.to));
  if (change.do !== "replace") return [parent];
  return [parent, dirname(join(place.directory, change.saved))];
}

/** The one name under which a file of this pair is prepared; a killed process may leave it. */
export function draftPath(place: Pick<ChangePlace, "target" | "kind">): string {
  return place.kind === "directory"
    ? join(place.target, ".adopt-draft")
    : join(dirname(place.target), `${basename(place.target)}.adopt-draft`);
}

async function makeDirectory(at: { from: string; to: string; isRoot: boolean }): Promise<void> {
  const { from, to, isRoot } = at;
  // A shared target is private whatever the private tree was.
  const mode = isRoot ? 0o700 : (await lstat(from)).mode & 0o7777;
  try {
    await mkdir(to, { mode });
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST" || !(await lstat(to)).isDirectory())
      throw meanwhile(to, thrown);
  }
}

async function placeLink(text: string, to: string): Promise<void> {
  try {
    await symlink(text, to);
  } catch (thrown) {
    const same = errnoOf(thrown) === "EEXIST" && (await readlink(to).catch(() => null)) === text;
    if (!same) throw meanwhile(to, thrown);
  }
}

async function placeFile(at: { from: string; to: string; draft: string }): Promise<void> {
  const { from, to, draft } = at;
  if (await linkFile(from, to)) return;
  await copyToDraft(from, draft);
  if (await linkFile(draft, to)) return await unlink(draft);
  // A disk without hard links. Nobody else writes here: that was made sure of before.
  const there = await lstat(to).catch(() => null);
  if (there !== null) throw meanwhile(to, undefined);
  await rename(draft, to);
}

async function replaceFile(at: {
  from: string;
  to: string;
  saved: string;
  place: ChangePlace;
}): Promise<void> {
  const { from, to, saved, place } = at;
  if (await sameFile(from, to)) return;
  if (!(await linkFile(to, saved))) await copyOrFail(to, saved);
  const draft = draftPath(place);
  await rm(draft, { force: true });
  if (!(await linkFile(from, draft))) await copyOrFail(from, draft);
  await rename(draft, to);
}

const NO_HARD_LINK = ["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EACCES"];

/** Links a file to a new name. False when this disk, or this pair of disks, cannot. */
async function linkFile(from: string, to: string): Promise<boolean> {
  try {
    // Not awaited: a million of these are made, and each promise would cost more than the call.
    linkSync(from, to);
    return true;
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "";
    if (errno === "EEXIST" && (await sameFile(from, to))) return true;
    if (NO_HARD_LINK.includes(errno)) return false;
    throw errno === "EEXIST" ? meanwhile(to, thrown) : thrown;
  }
}

async function sameFile(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([
    stat(one, { bigint: true }),
    stat(other, { bigint: true }),
  ]);
  return left.dev === right.dev && left.ino === right.ino;
}

async function copyToDraft(from: string, draft: string): Promise<void> {
  await rm(draft, { force: true });
  await copyOrFail(from, draft);
}

async function copyOrFail(from: string, to: string): Promise<void> {
  const proven = await copyVerified(from, to);
  await syncDirectory(dirname(to));
  if (proven) return;
  await unlink(to);
  throw new FailoverError("CF_ACCOUNT_ADOPT_VERIFY", `The copy of ${from} differs from it.`, {
    details: { from, to },
  });
}

function meanwhile(path: string, cause: unknown): unknown {
  if (cause !== undefined && errnoOf(cause) !== "EEXIST") return cause;
  return new FailoverError(
    "CF_ACCOUNT_ADOPT_MEANWHILE",
    `${path} was made by somebody else while the trees were joined.`,
    { details: { path }, cause },
  );
}
