import { statSync } from "node:fs";
import { findTranscripts, indexTranscripts } from "../claude/find-transcripts.ts";
import { readLast } from "../claude/transcript-tail.ts";
import { turnAfter, type TranscriptRow } from "../claude/transcript.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { Intake } from "./intake.ts";

interface ReconcileDeps {
  readonly fleet: Fleet;
  readonly intake: Intake;
  readonly projectsDir: string;
}

/**
 * Reads the end of every session's transcript at start, so that a limit that was reached while no
 * daemon ran is found. Tells the intake all rows; it knows which refusal still counts.
 */
export function reconcileTranscripts(deps: ReconcileDeps): void {
  const find = indexTranscripts(deps.projectsDir);
  for (const session of deps.fleet.list())
    if (session.live.state !== "starting") reconcileTranscript(session, deps, find);
}

/** Once more for every session of which something was missed. */
export function reconcileMissed(missed: Set<string>, deps: ReconcileDeps): void {
  for (const name of missed) {
    const session = deps.fleet.get(name);
    if (session !== undefined) reconcileTranscript(session, deps);
    missed.delete(name);
  }
}

/** The same for one session. A conversation without a file, or with two, is left as it is known. */
export function reconcileTranscript(
  session: FleetSession,
  deps: ReconcileDeps,
  find = (sessionId: string): string[] => findTranscripts(deps.projectsDir, sessionId),
): void {
  const { fleet, intake } = deps;
  if (session.live.sessionId === null) return;
  const [path, second] = find(session.live.sessionId);
  if (path === undefined || second !== undefined) return;
  fleet.change(session.name, { live: { ...session.live, transcriptPath: path } });
  const rows = lastRows(path);
  intake.rows(session.name, rows);
  // What an earlier client wrote does not say that the one which is started now is up.
  if (session.live.state === "starting") return fleet.setState(session.name, "starting");
  const last = lastThatCounts(rows);
  // Rows are flushed after the hooks that go with them: a turn whose end a hook told is over, though
  // the last row there is may still be its prompt.
  const isDead = fleet.get(session.name)?.live.state === "dead";
  if (last !== null && !isDead && last.at > fleet.heardAt(session.name))
    fleet.setState(session.name, last.state);
}

/** How much of a transcript's end is read, one after the other until it says enough. */
const TAILS = [32, 256, 4_096].map((kib) => kib * 1024);

/** A request and what became of it; a large picture or tool result may lie in between. */
function lastRows(path: string): TranscriptRow[] {
  let rows: TranscriptRow[] = [];
  for (const bytes of TAILS) {
    rows = readLast(path, bytes);
    const end = rows.findLastIndex(({ kind }) => kind === "answer" || kind === "refusal");
    if (rows.slice(0, end).some(({ kind }) => kind === "prompt" || kind === "toolResult")) break;
    if (isWhole(path, bytes)) break;
  }
  return rows;
}

function isWhole(path: string, bytes: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= bytes;
}

/**
 * What the last row that counts says of the session, and when it was written (epoch ms); null where
 * the rows do not say, and after a refusal, of which the intake knows more.
 */
function lastThatCounts(
  rows: readonly TranscriptRow[],
): { readonly state: "working" | "idle"; readonly at: number } | null {
  for (const row of rows.toReversed()) {
    const { at } = row;
    if (row.kind === "refusal") return null;
    if (row.kind === "prompt" || row.kind === "toolResult") return { state: "working", at };
    if (row.kind === "answer")
      return { state: turnAfter(row.stopReason) === "goesOn" ? "working" : "idle", at };
  }
  return null;
}
