import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { sessionOfSpoolFile } from "../claude/launch.ts";
import { isStatusLinePart, sessionOfStatusLine } from "../claude/status-line-command.ts";
import { errnoOf } from "../errors.ts";
import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("spool");

/** One file of the spool. */
export interface SpoolFile {
  readonly name: string;
  readonly ageMs: number;
}

/** A running daemon takes a payload within milliseconds. */
const LATE_MS = 60_000;

/** Whether the payloads that hooks leave are taken (docs/adr/0001). */
export const spoolCheck: Check<BareScene> = {
  code: "spool",
  look: ({ places, clock, daemon }) => [
    judgeSpool(filesIn(places.spoolDir, clock.now()), daemon.kind !== "down"),
  ],
};

/** Pure. `runs`: a daemon does. */
export function judgeSpool(all: readonly SpoolFile[], runs: boolean): Finding {
  // What a status line shows stays until the next one.
  const files = all.filter(
    ({ name }) => sessionOfStatusLine(name) === null && !isStatusLinePart(name),
  );
  const foreign = files.filter(({ name }) => sessionOfSpoolFile(name) === null);
  if (foreign.length > 0)
    return say.warn(
      `The spool holds what no hook of ours wrote: ${foreign
        .map(({ name }) => name)
        .slice(0, 3)
        .join(", ")}.`,
      "Move it away.",
    );
  const late = files.filter(({ ageMs }) => ageMs > LATE_MS);
  if (runs && late.length > 0)
    return say.warn(
      `${late.length} hook payloads were not taken within a minute.`,
      "Look at the daemon's log; a restart takes them.",
    );
  if (files.length === 0) return say.ok("The spool is empty.");
  return say.ok(`${files.length} hook payloads wait for ${runs ? "the daemon" : "its start"}.`);
}

function filesIn(folder: string, now: number): SpoolFile[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const stats = statSync(join(folder, name), { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ name, ageMs: now - stats.mtimeMs }];
    });
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
