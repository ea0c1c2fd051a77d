import { asksPerson, type HookSignal } from "../claude/hooks.ts";
import { isSamePrompt } from "../claude/prompt-text.ts";
import type { SessionState } from "../policy/model.ts";

/** A prompt as the client told it. `at` is epoch milliseconds. */
export interface SubmittedPrompt {
  readonly promptId: string | null;
  readonly text: string;
  readonly at: number;
  /**
   * It was typed behind a turn that ran. Its hook comes then, with that turn's id (2.1.332); of its
   * own turn only its row tells.
   */
  readonly isQueued?: boolean;
}

/** What the signals of one session add up to. */
export interface LiveSession {
  readonly state: SessionState;
  readonly sessionId: string | null;
  readonly transcriptPath: string | null;
  readonly lastPrompt: SubmittedPrompt | null;
}

/** A conversation may be compacted in the middle of a turn, which goes on. */
function isInTurn(state: SessionState): boolean {
  return state === "working" || state === "asking" || state === "limited";
}

/**
 * Pure: the session after one hook signal that was written at `at` (epoch ms). Refusals change
 * nothing here: what they mean depends on whose request it was, which the intake finds out.
 */
export function afterSignal(session: LiveSession, signal: HookSignal, at: number): LiveSession {
  switch (signal.kind) {
    case "sessionStarted":
      return {
        state: isInTurn(session.state) && signal.source === "compact" ? session.state : "idle",
        sessionId: signal.sessionId,
        transcriptPath: signal.transcriptPath,
        lastPrompt: signal.sessionId === session.sessionId ? session.lastPrompt : null,
      };
    case "promptSubmitted": {
      const { promptId, prompt: text } = signal;
      const before = session.lastPrompt;
      const isTurns = promptId !== null && promptId === before?.promptId;
      const isQueued = isTurns && !isSamePrompt(text, before.text);
      const lastPrompt = { promptId, text, at, ...(isQueued ? { isQueued } : {}) };
      return { ...session, state: "working", lastPrompt };
    }
    case "turnEnded":
      return { ...session, state: "idle" };
    case "notified":
      return asksPerson(signal) ? { ...session, state: "asking" } : session;
    case "turnRefused":
    case "sessionEnded":
      return session;
  }
}
