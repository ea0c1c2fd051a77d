import { readScreen, type Dialog } from "../claude/screen.ts";
import type { SessionFile } from "../claude/session-files.ts";
import type { Clock } from "../clock.ts";
import type { ResumeOffer } from "../config/config.ts";
import type { PaneRow } from "../tmux/formats.ts";
import type { PaneHandle, Panes } from "../tmux/panes.ts";
import { nextStart, type ClientStart, type OnClientStart } from "./client-starts.ts";
import { endClient } from "./end-client.ts";
import type { LiveSession } from "./live.ts";
import { clientInPane } from "./pane-client.ts";
import { passOffer } from "./resume-offer.ts";
import { startSession, type StartDeps } from "./start.ts";
import type { WantedSession } from "./wanted.ts";
import { awaitWritten } from "./written.ts";

/** How long the client may take to end, and to say that it is up again (milliseconds). */
export interface RelaunchBounds {
  readonly endMs: number;
  readonly startMs: number;
}

const LOOK_EVERY_MS = 250;

const RELAUNCH_BOUNDS: RelaunchBounds = { endMs: 10_000, startMs: 30_000 };

export interface RelaunchDeps extends Omit<StartDeps, "panes"> {
  readonly panes: Pick<Panes, "listPanes" | "capture" | "newSession" | "respawn" | "sendKeys">;
  readonly clock: Clock;
  /** Ends waiting early. */
  readonly signal: AbortSignal;
  readonly onClientStart: OnClientStart;
  /** The live `sessions/<pid>.json` (client facts 6). */
  readonly sessionFiles: () => readonly SessionFile[];
  /** What the session's signals add up to: its rows are waited for before its client is ended. */
  readonly live: (
    session: string,
  ) => Pick<LiveSession, "sessionId" | "lastPrompt" | "state"> | null;
  /** What is answered when the client offers to resume from a summary. */
  readonly resumeOffer: ResumeOffer;
  /** Asked last before the client is ended: whether it still is to be. */
  readonly isDue: () => boolean;
  /** Told as soon as the new client runs, before it is up. */
  readonly onRespawned: (pane: PaneHandle) => void;
}

/** What became of a relaunch. Times are milliseconds. */
export type RelaunchOutcome =
  | {
      readonly kind: "resumed";
      readonly sessionId: string;
      /** `resume`; `startup` where nothing had been said yet, so that there was nothing to resume. */
      readonly source: string;
      readonly pid: number;
      /** From the signal to the client's end. */
      readonly endedMs: number;
      /** From the signal to its word that it is up again. */
      readonly totalMs: number;
    }
  /** Nothing was done: an unsent draft would be lost, or a question left without its answer. */
  | { readonly kind: "draft" }
  | { readonly kind: "dialog"; readonly dialog: Dialog }
  | { readonly kind: "notDue" }
  | { readonly kind: "noPane" }
  /** It was told to end and did not; it was left as it is. */
  | { readonly kind: "stillRuns"; readonly pids: readonly number[] }
  /** It ended and could not be started again. */
  | { readonly kind: "notStarted"; readonly why: string }
  | { readonly kind: "otherConversation"; readonly sessionId: string }
  /** The new client did not say that it is up; `dialog` is what it asks, if it shows one. */
  | { readonly kind: "silent"; readonly dialog: Dialog | null; readonly dead: boolean };

/** Dialogs that are no question: what they offer is offered again. */
const CLOSED_BY_ENDING: readonly (Dialog | null)[] = [null, "limitMenu", "rewindMenu"];

/**
 * Ends the client of a session cleanly, starts it again in the same pane with the same conversation
 * and arguments, and waits for its own word that it has it. `session.sessionId` is the conversation;
 * `deps.env` says under which account. A dead pane is only started. Types no key but the answer to
 * the client's own offer to resume from a summary.
 */
export async function relaunch(
  target: { readonly session: WantedSession; readonly paneId: string },
  deps: RelaunchDeps,
): Promise<RelaunchOutcome> {
  const { session, paneId } = target;
  const { clock, panes } = deps;
  const pane = (await panes.listPanes()).find((each) => each.paneId === paneId);
  if (pane === undefined) return { kind: "noPane" };
  const hindered = pane.dead ? null : await hindrance(paneId, deps);
  if (hindered !== null) return hindered;

  const live = pane.dead ? null : deps.live(session.name);
  if (live !== null) await awaitWritten(live, deps);
  if (!deps.isDue()) return { kind: "notDue" };
  const beganAt = clock.monotonic();
  const left = pane.dead ? [] : await endIn(pane, deps);
  if (left.length > 0) return { kind: "stillRuns", pids: left };
  const endedMs = clock.monotonic() - beganAt;
  using start = nextStart(session.name, deps.onClientStart);
  const started = await startSession({ kind: "respawn", session, pane, kill: true }, deps);
  if (started.kind === "notStarted") return started;
  deps.onRespawned(started.pane);
  const up = await awaitStart(start, paneId, deps);
  if ("kind" in up) return up;
  if (up.sessionId !== started.conversation.sessionId)
    return { kind: "otherConversation", sessionId: up.sessionId };
  const totalMs = clock.monotonic() - beganAt;
  await passOffer(paneId, deps);
  const { sessionId, source } = up;
  return { kind: "resumed", sessionId, source, pid: started.pane.panePid, endedMs, totalMs };
}

async function hindrance(
  paneId: string,
  { panes }: RelaunchDeps,
): Promise<Extract<RelaunchOutcome, { kind: "draft" | "dialog" }> | null> {
  const { composer, dialog } = readScreen(await panes.capture(paneId, { escapes: true }));
  if (dialog !== null && !CLOSED_BY_ENDING.includes(dialog)) return { kind: "dialog", dialog };
  return composer.kind === "draft" ? { kind: "draft" } : null;
}

async function endIn(pane: PaneRow, deps: RelaunchDeps): Promise<number[]> {
  const client = clientInPane(deps.sessionFiles(), pane.panePid)?.pid ?? pane.panePid;
  const { clock, signal } = deps;
  const boundMs = RELAUNCH_BOUNDS.endMs;
  return endClient({ pids: [client, pane.panePid], boundMs, clock, signal });
}

/** The client's word that it is up. A client that ended meanwhile will not give it. */
async function awaitStart(
  start: ReturnType<typeof nextStart>,
  paneId: string,
  { panes, clock }: RelaunchDeps,
): Promise<ClientStart | Extract<RelaunchOutcome, { kind: "silent" }>> {
  const end = clock.monotonic() + RELAUNCH_BOUNDS.startMs;
  for (;;) {
    const up = await start.within(LOOK_EVERY_MS, clock);
    if (up !== null) return up;
    const pane = (await panes.listPanes()).find((each) => each.paneId === paneId);
    if (pane === undefined || pane.dead) return { kind: "silent", dialog: null, dead: true };
    if (clock.monotonic() < end) continue;
    const { dialog } = readScreen(await panes.capture(paneId, { escapes: true }));
    return { kind: "silent", dialog, dead: false };
  }
}
