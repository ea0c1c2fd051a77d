/**
 * What becomes of one entry when a private tree is joined to a shared one. Pure: the tree is walked
 * and changed elsewhere. The same table places, resumes and verifies, because an entry that has
 * arrived needs `nothing`.
 */

/** What lies at a path, as far as the decision needs it. */
export type NodeFacts =
  | { readonly kind: "directory" }
  /** `id` is device and inode: two names with one id are one file. */
  | { readonly kind: "file"; readonly size: number; readonly id: string }
  | { readonly kind: "link"; readonly to: string }
  | { readonly kind: "other" };

/** How the contents of two files relate. */
export type Comparison = "equal" | "sourceLonger" | "targetLonger" | "different";

export type EntryDecision =
  /** It is there already: the same file, the same content, or a longer version of it. */
  | "nothing"
  | "makeDirectory"
  /** No entry of this name: hard-link or copy the file. */
  | "place"
  | "placeLink"
  /** The shared file is the beginning of this one: keep it in the backup and put this one there. */
  | "replace"
  /** Two that differ: this one is kept beside the other under a name of its own. */
  | "aside"
  /** Sockets, pipes and devices are nobody's data: they stay in the backup. */
  | "leave"
  /** The contents must be compared before it can be decided. */
  | "compare";

/**
 * Decides about one entry.
 *
 * @param options `target` null when nothing is there; `appendOnly` for files that only ever grow, so
 * that a longer one contains a shorter one; `comparison` once the contents were compared.
 */
export function decideEntry(options: {
  source: NodeFacts;
  target: NodeFacts | null;
  appendOnly: boolean;
  comparison: Comparison | null;
}): EntryDecision {
  const { source, target, appendOnly, comparison } = options;
  switch (source.kind) {
    case "other":
      return "leave";
    case "directory":
      if (target === null) return "makeDirectory";
      return target.kind === "directory" ? "nothing" : "aside";
    case "link":
      if (target === null) return "placeLink";
      return target.kind === "link" && target.to === source.to ? "nothing" : "aside";
    case "file":
      if (target === null) return "place";
      if (target.kind !== "file") return "aside";
      if (target.id === source.id) return "nothing";
      if (source.size !== target.size && !appendOnly) return "aside";
      return comparison === null ? "compare" : decideContents(comparison, appendOnly);
  }
}

function decideContents(comparison: Comparison, appendOnly: boolean): EntryDecision {
  switch (comparison) {
    case "equal":
      return "nothing";
    case "different":
      return "aside";
    case "targetLonger":
      return appendOnly ? "nothing" : "aside";
    case "sourceLonger":
      return appendOnly ? "replace" : "aside";
  }
}

/** Transcripts and histories only grow: one that begins with another contains it. */
export function isAppendOnly(name: string): boolean {
  return name.endsWith(".jsonl");
}

/**
 * The names, best first, under which an entry may be kept beside another that differs. None ends in
 * `.jsonl`, so the client does not take it for a second transcript of the same session.
 */
export function* asideNames(name: string, label: string): Generator<string, never, undefined> {
  const owner = label.replace(/[^A-Za-z0-9-]+/g, "-").replace(/^-+|-+$/g, "");
  yield `${name}.conflict-${owner}`;
  for (let number = 2; ; number += 1) yield `${name}.conflict-${owner}-${number}`;
}
