import { join } from "node:path";
import { readLiveSessions, type SessionFile } from "../claude/session-files.ts";
import { readScreen } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import { clientInPane } from "../sessions/pane-client.ts";
import { planSessions, findPane, type SessionAction } from "../sessions/plan.ts";
import { startSession, type StartDeps } from "../sessions/start.ts";
import type { WantedSession } from "../sessions/wanted.ts";
import type { SessionState } from "../policy/model.ts";
import type { Store } from "../store/store.ts";
import { SESSION_OPTION } from "../tmux/formats.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Fleet } from "./fleet.ts";

export interface FleetStartDeps extends StartDeps {
  readonly panes: Panes;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly slot: string;
  readonly signal: AbortSignal;
  readonly random: () => number;
}

/** Many clients started in one second meet the server's own limiter (client facts 25, 26). */
const STAGGER_MS = 150;

/** Brings up every wanted session: makes or respawns what is missing, adopts what runs. */
export async function bringUp(
  wanted: readonly WantedSession[],
  deps: FleetStartDeps,
): Promise<void> {
  const panes = await deps.panes.listPanes();
  const actions = planSessions({ wanted, panes, mark: SESSION_OPTION });
  // Those that run come first: they may be at a limit already.
  for (const action of actions) if (action.kind === "adopt") adopt(action, deps);
  for (const action of actions) {
    if (action.kind === "adopt") continue;
    await start(action, deps);
    await deps.clock.sleep(STAGGER_MS * (1 + deps.random()), deps.signal);
  }
}

function adopt(action: Extract<SessionAction, { kind: "adopt" }>, deps: FleetStartDeps): void {
  const { session, pane } = action;
  const known = deps.store.sessions.get(session.name);
  const file = clientInPane(readLiveSessions(join(deps.slot, "sessions")), pane.panePid);
  const sessionId = file?.sessionId ?? known?.sessionId ?? session.sessionId;
  const isOurs = pane.options[SESSION_OPTION] === session.name;
  deps.fleet.join(
    {
      name: session.name,
      kind: isOurs ? session.kind : "adopted",
      cwd: session.cwd,
      paneId: pane.paneId,
      strategy: "hot",
      held: known?.held ?? false,
      cutOff: null,
      live: {
        state: pane.dead ? "dead" : stateOf(known?.state ?? null, file),
        sessionId,
        transcriptPath: known?.transcriptPath ?? null,
        lastPrompt: null,
      },
    },
    file?.pid ?? pane.panePid,
  );
  if (file !== undefined && file.version !== null)
    deps.store.sessions.update(session.name, { clientVersion: file.version });
  deps.store.emit("session.adopted", { session: session.name, sessionId });
}

/** What was remembered, unless it says nothing of a client that runs; else what the client says. */
function stateOf(known: SessionState | null, file: SessionFile | undefined): SessionState {
  if (known !== null && known !== "dead" && known !== "held") return known;
  return file?.status === "busy" ? "working" : "idle";
}

async function start(
  action: Exclude<SessionAction, { kind: "adopt" }>,
  deps: FleetStartDeps,
): Promise<void> {
  const { session } = action;
  const result = await startSession(action, deps);
  if (result.kind === "notStarted") {
    deps.store.emit("session.notStarted", { session: session.name, text: result.why });
    return;
  }
  const { sessionId, kind } = result.conversation;
  deps.fleet.join(
    {
      name: session.name,
      kind: session.kind,
      cwd: session.cwd,
      paneId: result.pane.paneId,
      strategy: "hot",
      held: false,
      cutOff: null,
      live: {
        state: "starting",
        sessionId,
        transcriptPath: result.transcriptPath,
        lastPrompt: null,
      },
    },
    result.pane.panePid,
  );
  deps.store.emit("session.launched", { session: session.name, sessionId, conversation: kind });
}

/** A client that has not said that it started by then is looked at. */
const SLOW_START_MS = 8_000;

/** A client that does not come up usually asks something: say what, so that a person can answer. */
export async function nameStuckStarts(
  deps: Pick<FleetStartDeps, "panes" | "fleet" | "store" | "clock">,
): Promise<void> {
  for (const { name, paneId, live } of deps.fleet.list()) {
    const since = deps.store.sessions.get(name)?.since ?? deps.clock.now();
    if (live.state !== "starting" || paneId === null || deps.clock.now() - since < SLOW_START_MS)
      continue;
    const { dialog } = readScreen(await deps.panes.capture(paneId, { escapes: true }));
    if (dialog === null) continue;
    deps.fleet.setState(name, "asking");
    deps.store.emit("session.asking", { session: name, text: `a dialog waits: ${dialog}` });
  }
}

/** Compares the fleet with the panes as they are: a client that ended is told, once. */
export async function reconcilePanes(
  deps: Pick<FleetStartDeps, "panes" | "fleet" | "store">,
): Promise<void> {
  const panes = await deps.panes.listPanes();
  for (const session of deps.fleet.list()) {
    const pane = findPane(panes, session.name, SESSION_OPTION);
    const isDead = pane === null || pane.dead;
    if (isDead === (session.live.state === "dead")) continue;
    if (!isDead) continue;
    deps.fleet.setState(session.name, "dead");
    deps.store.emit("session.dead", {
      session: session.name,
      exit: pane?.deadStatus ?? null,
      text: pane === null ? "its tmux session is gone" : "its program ended",
    });
  }
}
