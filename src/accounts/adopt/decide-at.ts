import { join } from "node:path";
import { compareFiles } from "./contents.ts";
import { decideEntry, isAppendOnly, type EntryDecision } from "./plan.ts";
import { factsAt, type TreeEntry } from "./walk.ts";

/**
 * Decides about an entry with what lies on the disk now, comparing contents only where names meet.
 *
 * @param options `source` and `target` absolute; `name` of the entry, which says whether it grows.
 */
export async function decideAt(options: {
  entry: TreeEntry;
  source: string;
  target: string;
  name: string;
}): Promise<EntryDecision> {
  const { entry, source, target, name } = options;
  const facts = { source: entry.facts, target: factsAt(target), appendOnly: isAppendOnly(name) };
  const first = decideEntry({ ...facts, comparison: null });
  if (first !== "compare") return first;
  return decideEntry({ ...facts, comparison: await compareFiles(source, target) });
}

/** Follows directories that were moved aside: where an entry of the private tree goes. */
export class AsideDirectories {
  readonly #moved: { from: string; to: string }[] = [];

  /** The path in the target of a path in the private tree, both relative. Paths in walking order. */
  place(path: string): string {
    for (let top = this.#moved.at(-1); top !== undefined; top = this.#moved.at(-1)) {
      if (path.startsWith(`${top.from}/`)) return join(top.to, path.slice(top.from.length + 1));
      this.#moved.pop();
    }
    return path;
  }

  /** From now on what lies below `from` goes below `to`. */
  move(from: string, to: string): void {
    this.#moved.push({ from, to });
  }
}
