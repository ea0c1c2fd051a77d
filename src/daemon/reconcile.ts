import { findTranscripts } from "../claude/find-transcripts.ts";
import { readLast } from "../claude/transcript-tail.ts";
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
    intake.rows(session.name, readLast(path));
  }
}
