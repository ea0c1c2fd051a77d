import { lstatSync, opendirSync, readlinkSync, type BigIntStats, type Dir } from "node:fs";
import { join } from "node:path";
import { errnoOf, FailoverError } from "../../errors.ts";
import type { NodeFacts } from "./plan.ts";

/** One entry of a tree. `path` is relative to the tree's root, "" for the root itself. */
export interface TreeEntry {
  readonly path: string;
  readonly name: string;
  readonly facts: NodeFacts;
  readonly bytes: number;
}

/**
 * Walks a tree depth first, a directory before its entries, holding one open directory a level and
 * nothing else: a million files cost no memory. Follows no link. Throws `CF_ACCOUNT_ADOPT_READ` for what cannot be read.
 */
export function* walkTree(root: string): Generator<TreeEntry, void, undefined> {
  const facts = factsAt(root);
  if (facts === null) return;
  yield { path: "", name: "", facts, bytes: bytesOf(facts) };
  if (facts.kind === "directory") yield* walkDirectory(root, "");
}

function* walkDirectory(root: string, path: string): Generator<TreeEntry, void, undefined> {
  const directory = openDirectory(join(root, path));
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      const below = join(path, entry.name);
      const facts = factsAt(join(root, below));
      if (facts === null) throw unreadable(join(root, below), "ENOENT");
      yield { path: below, name: entry.name, facts, bytes: bytesOf(facts) };
      if (facts.kind === "directory") yield* walkDirectory(root, below);
    }
  } finally {
    directory.closeSync();
  }
}

function openDirectory(path: string): Dir {
  try {
    return opendirSync(path, { bufferSize: 256 });
  } catch (thrown) {
    throw unreadable(path, errnoOf(thrown) ?? "unknown", thrown);
  }
}

/** What lies at a path; null when nothing does, or when no directory leads there. Throws `CF_ACCOUNT_ADOPT_READ` otherwise. */
export function factsAt(path: string): NodeFacts | null {
  try {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? null : factsOf(path, stats);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOTDIR") return null;
    throw unreadable(path, errnoOf(thrown) ?? "unknown", thrown);
  }
}

function factsOf(path: string, stats: BigIntStats): NodeFacts {
  if (stats.isDirectory()) return { kind: "directory" };
  if (stats.isSymbolicLink()) return { kind: "link", to: readlinkSync(path) };
  if (!stats.isFile()) return { kind: "other" };
  return { kind: "file", size: Number(stats.size), id: `${stats.dev}:${stats.ino}` };
}

function bytesOf(facts: NodeFacts): number {
  return facts.kind === "file" ? facts.size : 0;
}

function unreadable(path: string, errno: string, cause?: unknown): FailoverError {
  const why = errno === "ENOENT" ? "vanished, or its name is not valid UTF-8" : errno;
  return new FailoverError("CF_ACCOUNT_ADOPT_READ", `${path} cannot be looked at: ${why}.`, {
    details: { path, errno },
    cause,
  });
}
