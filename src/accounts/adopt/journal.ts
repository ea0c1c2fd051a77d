import { readFileSync, readdirSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { errnoOf, FailoverError } from "../../errors.ts";
import { appendLine, syncDirectory, writeNewFile } from "./durable.ts";

const pair = z.object({
  label: z.string(),
  home: z.string(),
  link: z.string(),
  kind: z.enum(["directory", "file"]),
  path: z.string(),
  target: z.string(),
});

/**
 * One durable fact of an adoption. `…Intent` rows are written before the effect, the others after
 * it; which of the two a killed process left behind is read from the disk.
 */
const row = z.discriminatedUnion("step", [
  z.object({
    step: z.literal("begun"),
    schema: z.literal(1),
    stamp: z.string(),
    root: z.string(),
    links: z.array(z.string()),
    slotMove: z
      .object({ slot: z.string(), home: z.string(), hadEmptyHome: z.boolean() })
      .nullable(),
    pairs: z.array(pair),
    /** Entries of all private trees. */
    entries: z.number(),
  }),
  z.object({ step: z.literal("slotIntent") }),
  z.object({ step: z.literal("slotMoved") }),
  z.object({ step: z.literal("joined"), pair: z.number() }),
  z.object({ step: z.literal("swapIntent"), pair: z.number() }),
  z.object({ step: z.literal("swapped"), pair: z.number() }),
  z.object({ step: z.literal("checked"), pair: z.number() }),
  z.object({ step: z.literal("ensureIntent"), paths: z.array(z.string()) }),
  z.object({ step: z.literal("done") }),
  z.object({ step: z.literal("undoBegun") }),
  z.object({ step: z.literal("unswapped"), pair: z.number() }),
  z.object({ step: z.literal("unjoined") }),
  z.object({ step: z.literal("undone") }),
  z.object({ step: z.literal("commitBegun") }),
  z.object({ step: z.literal("committed") }),
]);

export type JournalRow = z.infer<typeof row>;
export type Begun = Extract<JournalRow, { step: "begun" }>;

/** Where an adoption keeps its journal and what it replaced: `<root>/.claude-adopt-<stamp>`. */
export interface AdoptionState {
  readonly directory: string;
  readonly begun: Begun;
  readonly rows: readonly JournalRow[];
  readonly phase: "joining" | "done" | "undoing" | "undone" | "committing" | "committed";
}

const PREFIX = ".claude-adopt-";
const JOURNAL = "journal.jsonl";

/** The directory of the adoption with this stamp. */
export function adoptionDirectory(root: string, stamp: string): string {
  return join(root, `${PREFIX}${stamp}`);
}

/** Where the originals of one home wait for commit or undo; on the home's own disk. */
export function backupDirectory(home: string, stamp: string): string {
  return join(home, `${PREFIX}${stamp}`);
}

/** The adoptions under a root that are neither committed nor undone to the end, oldest first. */
export function openAdoptions(root: string): readonly AdoptionState[] {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
  return names
    .filter((name) => name.startsWith(PREFIX))
    .sort()
    .flatMap((name) => readAdoption(join(root, name)) ?? []);
}

/** Reads one adoption; null when its first row never became durable, so that nothing has happened. */
function readAdoption(directory: string): AdoptionState | null {
  let text: string;
  try {
    text = readFileSync(join(directory, JOURNAL), "utf8");
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT" || errnoOf(thrown) === "ENOTDIR") return null;
    throw thrown;
  }
  const rows = wholeLines(text).map((line) => parseRow(directory, line));
  const begun = rows[0];
  if (begun?.step !== "begun") return null;
  return { directory, begun, rows, phase: phaseOf(rows) };
}

/**
 * Removes the directory of an adoption that is over, its journal last: a directory without a
 * journal holds nothing. Such ones of killed processes go too.
 */
export async function removeAdoption(directory: string): Promise<void> {
  for (const name of readdirSync(directory)) {
    if (name !== JOURNAL) await rm(join(directory, name), { recursive: true, force: true });
  }
  await rm(join(directory, JOURNAL), { force: true });
  await rmdir(directory);
  await syncDirectory(dirname(directory));
}

/** Removes adoptions that never began, because the process was killed before the first row. */
export async function removeUnbegun(root: string): Promise<void> {
  for (const name of readdirSync(root).filter((one) => one.startsWith(PREFIX))) {
    const directory = join(root, name);
    if (readAdoption(directory) === null) await removeAdoption(directory);
  }
}

/** Writes the first row; from here on the adoption exists. */
export async function writeBegun(begun: Begun): Promise<AdoptionState> {
  const directory = adoptionDirectory(begun.root, begun.stamp);
  await writeNewFile(join(directory, JOURNAL), `${JSON.stringify(begun)}\n`);
  return { directory, begun, rows: [begun], phase: "joining" };
}

/** Adds one fact; it is durable when this returns. */
export async function record(state: { directory: string }, fact: JournalRow): Promise<void> {
  await appendLine(join(state.directory, JOURNAL), JSON.stringify(fact));
}

/** A line without its end was being written when the process was killed: it never happened. */
export function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

/** How far an adoption has come, by its rows alone. */
function phaseOf(rows: readonly JournalRow[]): AdoptionState["phase"] {
  const has = (step: JournalRow["step"]): boolean => rows.some((one) => one.step === step);
  if (has("committed")) return "committed";
  if (has("commitBegun")) return "committing";
  if (has("undone")) return "undone";
  if (has("undoBegun")) return "undoing";
  return has("done") ? "done" : "joining";
}

/** Whether a step of a pair is recorded. */
export function hasStep(
  state: AdoptionState,
  step: "joined" | "swapIntent" | "swapped" | "checked" | "unswapped",
  index: number,
): boolean {
  return state.rows.some((one) => one.step === step && one.pair === index);
}

function parseRow(directory: string, line: string): JournalRow {
  try {
    return row.parse(JSON.parse(line));
  } catch (thrown) {
    throw new FailoverError(
      "CF_ACCOUNT_ADOPT_JOURNAL",
      `The journal of the adoption in ${directory} cannot be read.`,
      { details: { directory }, cause: thrown },
    );
  }
}
