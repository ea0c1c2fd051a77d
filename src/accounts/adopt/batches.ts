import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errnoOf } from "../../errors.ts";
import { writeNewFile } from "./durable.ts";
import { wholeLines } from "./journal.ts";

/**
 * One change of a shared tree. `from` is relative to the pair's private tree, `to` to its target;
 * "" is the tree itself. `saved` is a file of the adoption's directory.
 */
const change = z.discriminatedUnion("do", [
  z.object({ do: z.literal("makeDirectory"), pair: z.number(), from: z.string(), to: z.string() }),
  z.object({ do: z.literal("place"), pair: z.number(), from: z.string(), to: z.string() }),
  z.object({
    do: z.literal("placeLink"),
    pair: z.number(),
    from: z.string(),
    to: z.string(),
    text: z.string(),
  }),
  z.object({
    do: z.literal("replace"),
    pair: z.number(),
    from: z.string(),
    to: z.string(),
    saved: z.string(),
  }),
]);

export type Change = z.infer<typeof change>;

const NAME = /^batch-(\d+)\.jsonl$/;

/**
 * Writes down a batch of changes before any of them is made, durable when this returns, in a file of
 * its own: an undo reads them back newest first and never holds more than one batch.
 */
export async function writeBatch(options: {
  directory: string;
  number: number;
  changes: readonly Change[];
}): Promise<void> {
  const { directory, number, changes } = options;
  const name = `batch-${String(number).padStart(8, "0")}.jsonl`;
  await writeNewFile(
    join(directory, name),
    changes.map((one) => `${JSON.stringify(one)}\n`).join(""),
  );
}

/** The number the next batch gets. */
export function nextBatch(directory: string): number {
  return (batchNames(directory).at(-1)?.number ?? 0) + 1;
}

/** All changes that may have been made, newest first. */
export function* changesBackwards(directory: string): Generator<Change, void, undefined> {
  for (const { name } of batchNames(directory).toReversed()) {
    const lines = wholeLines(readFileSync(join(directory, name), "utf8"));
    for (const line of lines.toReversed()) yield change.parse(JSON.parse(line));
  }
}

function batchNames(directory: string): { name: string; number: number }[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
  return names
    .map((name) => ({ name, number: Number(NAME.exec(name)?.[1] ?? 0) }))
    .filter(({ number }) => number > 0)
    .sort((one, other) => one.number - other.number);
}
