import { statSync } from "node:fs";
import { findTranscripts } from "../claude/find-transcripts.ts";
import { readPromptTurn } from "../claude/prompt-turn.ts";
import type { Clock } from "../clock.ts";
import type { LiveSession } from "./live.ts";

/** Rows come at most this long after the hook that tells of them (milliseconds). */
const WRITTEN_BOUND_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/**
 * Waits until the transcript has the session's last prompt and, where its turn ended, the answer; at
 * most 5 s. A client writes its rows after its hooks, and 2.1.150 that is ended by SIGTERM within a
 * tenth of a second of its `Stop` hook writes none of that turn (measured: 4 of 8; 2.1.328: 0 of 8).
 */
export async function awaitWritten(
  { sessionId, lastPrompt, state }: Pick<LiveSession, "sessionId" | "lastPrompt" | "state">,
  deps: { readonly projectsDir: string; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  if (sessionId === null || lastPrompt === null) return true;
  const { promptId, text, at } = lastPrompt;
  const end = deps.clock.monotonic() + WRITTEN_BOUND_MS;
  let readBytes = 0;
  for (;;) {
    const [path] = findTranscripts(deps.projectsDir, sessionId);
    const bytes = path === undefined ? 0 : sizeOf(path);
    // Read again where it grew: looking for a row in a long one holds everything else up.
    if (path !== undefined && bytes !== readBytes) {
      readBytes = bytes;
      const turn = readPromptTurn(path, { promptId, text, since: at });
      if (turn !== null && (state !== "idle" || turn.ended || turn.interrupted)) return true;
    }
    if (deps.clock.monotonic() >= end) return false;
    await deps.clock.sleep(LOOK_AGAIN_MS, deps.signal);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
