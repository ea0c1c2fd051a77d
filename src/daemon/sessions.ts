import type { SessionFile } from "../claude/session-files.ts";
import { readScreen } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import { clientInPane } from "../sessions/pane-client.ts";
import { startSession, type SessionAction, type StartDeps } from "../sessions/start.ts";
import type { WantedSession } from "../sessions/wanted.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import type { SessionState } from "../policy/model.ts";
import type { Store } from "../store/store.ts";
import { SESSION_OPTION, type PaneRow } from "../tmux/formats.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Fleet } from "./fleet.ts";
import type { SessionFiles } from "./session-files.ts";
import type { StrategyOf } from "./client-versions.ts";

export interface FleetStartDeps extends StartDeps {
  readonly panes: Panes;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly sessionFiles: SessionFiles;
  readonly random: () => number;
  /** How a session that runs the client's version named moves; null: the one installed now. */
  readonly strategyOf: StrategyOf;
  /** Sessions of which something is not known that their transcripts tell. */
  readonly missed: Set<string>;
}

/** Takes in a session that runs, and leaves it as it is. */
export function adoptSession(
  { session, pane }: { readonly session: WantedSession; readonly pane: PaneRow },
  deps: FleetStartDeps,
): void {
  const known = deps.store.sessions.get(session.name);
  const isOurs = pane.options[SESSION_OPTION] === session.name;
  const kind = isOurs ? session.kind : "adopted";
  // Of the client that runs, whatever is configured meanwhile; a person's own has the shared one.
  const slot = isOurs ? (known?.slot ?? session.slot) : SHARED_SLOT;
  const file = clientInPane(deps.sessionFiles(slot), pane.panePid);
  const client = file ?? clientInPane(deps.sessionFiles(), pane.panePid);
  // Hooks may have told of another conversation since the client's slot left that home.
  const isKnown = client === undefined || client.pid === known?.pid;
  const told = file?.sessionId ?? (isKnown ? known?.sessionId : null) ?? client?.sessionId;
  const sessionId = told ?? session.sessionId;
  const version = client?.version ?? known?.clientVersion ?? null;
  deps.fleet.join(
    {
      name: session.name,
      kind,
      cwd: session.cwd,
      slot,
      paneId: pane.paneId,
      strategy: deps.strategyOf({ name: session.name, kind, version }),
      held: known?.held ?? false,
      cutOff: null,
      live: {
        state: pane.dead ? "dead" : stateOf(known?.state ?? null, file),
        sessionId,
        transcriptPath: known?.transcriptPath ?? null,
        lastPrompt: null,
      },
    },
    client?.pid ?? pane.panePid,
  );
  deps.store.sessions.update(session.name, { clientVersion: version });
  deps.store.emit("session.adopted", { session: session.name, sessionId });
}

/** What was remembered, unless it says nothing of a client that runs; else what the client says. */
function stateOf(known: SessionState | null, file: SessionFile | undefined): SessionState {
  if (known !== null && known !== "dead" && known !== "held") return known;
  return file?.status === "busy" ? "working" : "idle";
}

/** Starts the client of a session; null, or why it was not started. */
export async function startWanted(
  action: SessionAction,
  deps: FleetStartDeps,
): Promise<string | null> {
  const { session } = action;
  const result = await startSession(action, deps);
  if (result.kind === "notStarted") return result.why;
  const { sessionId, kind } = result.conversation;
  const before = deps.fleet.get(session.name);
  const isSame = before?.live.sessionId === sessionId;
  deps.store.sessionCare.change(session.name, {
    args: session.args,
    // A new conversation has told none yet.
    ...(kind === "new" ? { permissionMode: null } : {}),
  });
  deps.fleet.join(
    {
      name: session.name,
      kind: session.kind,
      cwd: session.cwd,
      slot: session.slot,
      paneId: result.pane.paneId,
      strategy: deps.strategyOf({ ...session, version: null }),
      held: deps.store.sessions.get(session.name)?.held ?? false,
      cutOff: isSame ? before.cutOff : null,
      live: {
        state: "starting",
        sessionId,
        transcriptPath: result.transcriptPath,
        lastPrompt: isSame ? before.live.lastPrompt : null,
      },
    },
    result.pane.panePid,
  );
  // It was dead before this daemon knew it: its last turn may have been cut off.
  if (kind === "resume" && before === undefined) deps.missed.add(session.name);
  deps.store.emit("session.launched", { session: session.name, sessionId, conversation: kind });
  return null;
}

/** A client that has not said that it started by then is looked at. */
const SLOW_START_MS = 8_000;

/** A client that does not come up usually asks something: say what, so that a person can answer. */
export async function nameStuckStarts(
  deps: Pick<FleetStartDeps, "panes" | "fleet" | "store" | "clock">,
): Promise<void> {
  for (const { name, paneId, live } of deps.fleet.list()) {
    if (live.state !== "starting" || paneId === null) continue;
    const since = deps.store.sessions.get(name)?.since ?? deps.clock.now();
    if (deps.clock.now() - since < SLOW_START_MS) continue;
    const { dialog } = readScreen(await deps.panes.capture(paneId, { escapes: true }));
    if (dialog === null) continue;
    deps.fleet.asks(name, `a dialog waits: ${dialog}`);
  }
}
