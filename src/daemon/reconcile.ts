import { findTranscripts } from "../claude/find-transcripts.ts";
import { readLast } from "../claude/transcript-tail.ts";
import type { TranscriptRow } from "../claude/transcript.ts";
import type { Fleet } from "./fleet.ts";
import type { Intake } from "./intake.ts";

/**
 * Reads the end of every session's transcript at start, so that a limit that was reached while no
 * daemon ran is found. Tells the intake all rows; it knows which refusal still counts.
 */
export function reconcileTranscripts(options: {
  fleet: Fleet;
  intake: Intake;
  projectsDir: string;
}): void {
  const { fleet, intake, projectsDir } = options;
  for (const session of fleet.list()) {
    if (session.live.sessionId === null || session.live.state === "starting") continue;
    const [path, second] = findTranscripts(projectsDir, session.live.sessionId);
    if (path === undefined || second !== undefined) continue;
    fleet.change(session.name, { live: { ...session.live, transcriptPath: path } });
    const rows = readLast(path);
    intake.rows(session.name, rows);
    const state = stateAfter(rows);
    if (state !== null) fleet.setState(session.name, state);
  }
}

/**
 * What the last row that counts says of the session; null where the rows do not say, and after a
 * refusal, of which the intake knows more.
 */
function stateAfter(rows: readonly TranscriptRow[]): "working" | "idle" | null {
  for (const row of rows.toReversed()) {
    if (row.kind === "answer") return row.stopReason === "tool_use" ? "working" : "idle";
    if (row.kind === "prompt" || row.kind === "toolResult") return "working";
    if (row.kind === "refusal") return null;
  }
  return null;
}
