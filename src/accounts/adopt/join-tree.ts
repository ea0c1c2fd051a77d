import { isAbsolute, join, normalize, basename, dirname } from "node:path";
import { mkdir } from "node:fs/promises";
import { nextBatch, writeBatch, type Change } from "./batches.ts";
import { AsideDirectories, decideAt } from "./decide-at.ts";
import { syncDirectory } from "./durable.ts";
import { makeChange, touchedDirectories, type ChangePlace } from "./make-change.ts";
import { LISTED } from "./model.ts";
import { asideNames } from "./plan.ts";
import { walkTree, type TreeEntry } from "./walk.ts";

/** What joining one private tree did. */
export interface JoinResult {
  readonly entries: number;
  readonly changes: number;
  readonly conflicts: number;
  /** The first conflicts, absolute paths of what is kept aside. */
  readonly conflictPaths: readonly string[];
  readonly left: number;
}

export interface JoinOptions {
  /** Number of the pair in the journal. */
  readonly pair: number;
  readonly label: string;
  /** Where the private tree lay when it was adopted: what its relative links start from. */
  readonly origin: string;
  readonly place: ChangePlace;
  /** Changes that are written down together. */
  readonly batchSize: number;
  readonly onEntry: (entry: TreeEntry) => void;
  readonly onStep: (step: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Brings everything of a private tree into its shared one, without touching the private tree. Done
 * twice it does nothing the second time, which is how it is resumed and how it is verified: no
 * change means that every entry has arrived.
 */
export async function joinTree(options: JoinOptions): Promise<JoinResult> {
  const { place, onEntry, signal } = options;
  const run = new JoinRun(options);
  for (const entry of walkTree(place.source)) {
    signal?.throwIfAborted();
    await run.take(entry);
    onEntry(entry);
  }
  await run.flush();
  return run.result();
}

/** The state of one walk: what waits to be written down, and what was counted. */
class JoinRun {
  readonly #options: JoinOptions;
  readonly #aside = new AsideDirectories();
  readonly #conflictPaths: string[] = [];
  #waiting: Change[] = [];
  #batch: number;
  #entries = 0;
  #changes = 0;
  #conflicts = 0;
  #left = 0;

  constructor(options: JoinOptions) {
    this.#options = options;
    this.#batch = nextBatch(options.place.directory);
  }

  async take(found: TreeEntry): Promise<void> {
    const { place, origin } = this.#options;
    const entry = withStableLink(found, origin);
    this.#entries += 1;
    const to = this.#aside.place(entry.path);
    const source = join(place.source, entry.path);
    const name = entry.name === "" ? basename(place.target).replace(/-shared$/, "") : entry.name;
    const decision = await decideAt({ entry, source, target: join(place.target, to), name });
    if (decision === "leave") this.#left += 1;
    else if (decision === "aside") await this.#takeAside({ entry, to, source, name });
    else await this.#add(entry, to, decision);
    if (this.#waiting.length >= this.#options.batchSize) await this.flush();
  }

  async #takeAside(at: {
    entry: TreeEntry;
    to: string;
    source: string;
    name: string;
  }): Promise<void> {
    const { entry, to, source, name } = at;
    const { place, label } = this.#options;
    const base = to === "" ? basename(place.target) : basename(to);
    const folder = to === "" ? ".." : dirname(to);
    for (const beside of asideNames(base, label)) {
      const asideTo = join(folder, beside);
      const target = join(place.target, asideTo);
      const decision = await decideAt({ entry, source, target, name });
      if (decision === "aside") continue;
      this.#conflicts += 1;
      if (this.#conflictPaths.length < LISTED) this.#conflictPaths.push(target);
      if (entry.facts.kind === "directory") this.#aside.move(entry.path, asideTo);
      return await this.#add(entry, asideTo, decision);
    }
  }

  async #add(entry: TreeEntry, to: string, decision: string): Promise<void> {
    const { pair } = this.#options;
    const common = { pair, from: entry.path, to };
    if (decision === "makeDirectory" || decision === "place") {
      this.#waiting.push({ do: decision, ...common });
    } else if (decision === "placeLink" && entry.facts.kind === "link") {
      this.#waiting.push({ do: "placeLink", ...common, text: entry.facts.to });
    } else if (decision === "replace") {
      // The name must be known before the batch is written: one replacement a batch.
      await this.flush();
      const saved = join("replaced", String(this.#batch));
      this.#waiting.push({ do: "replace", ...common, saved });
      await this.flush();
    }
  }

  /** Writes the waiting changes down, then makes them, then makes them durable. */
  async flush(): Promise<void> {
    const { place, onStep } = this.#options;
    const { directory } = place;
    if (this.#waiting.length === 0) return;
    const changes = this.#waiting;
    this.#waiting = [];
    await mkdir(join(directory, "replaced"), { recursive: true, mode: 0o700 });
    await writeBatch({ directory, number: this.#batch, changes });
    this.#batch += 1;
    onStep("batchWritten");
    for (const change of changes) {
      await makeChange(change, place);
      onStep("changed");
    }
    const touched = new Set(changes.flatMap((change) => touchedDirectories(change, place)));
    for (const path of touched) await syncDirectory(path);
    onStep("batchDone");
    this.#changes += changes.length;
  }

  result(): JoinResult {
    return {
      entries: this.#entries,
      changes: this.#changes,
      conflicts: this.#conflicts,
      conflictPaths: this.#conflictPaths,
      left: this.#left,
    };
  }
}

/** A relative link that leads out of the tree would lead elsewhere from its new place. */
function withStableLink(entry: TreeEntry, origin: string): TreeEntry {
  if (entry.facts.kind !== "link" || isAbsolute(entry.facts.to)) return entry;
  const within = normalize(join(dirname(entry.path), entry.facts.to));
  if (within !== ".." && !within.startsWith("../")) return entry;
  const to = join(origin, dirname(entry.path), entry.facts.to);
  return { ...entry, facts: { kind: "link", to } };
}
