import { join } from "node:path";
import { readLiveSessions } from "../claude/session-files.ts";
import { clientInPane } from "../sessions/pane-client.ts";
import type { Store } from "../store/store.ts";
import { SESSION_OPTION } from "../tmux/formats.ts";
import { paneOf } from "../sessions/plan.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { Intake } from "./intake.ts";
import { reconcileTranscript } from "./reconcile.ts";

export interface HooklessDeps {
  readonly panes: Panes;
  readonly fleet: Fleet;
  readonly intake: Intake;
  readonly store: Store;
  readonly slot: string;
  readonly projectsDir: string;
}

/**
 * An adopted session was started without our hooks: which conversation it has, and whether it works,
 * only its client's own session file says. A client that came later, or began another conversation,
 * is found here.
 */
export async function lookAtHookless(deps: HooklessDeps): Promise<void> {
  const adopted = deps.fleet.list().filter(({ kind }) => kind === "adopted");
  if (adopted.length === 0) return;
  const panes = await deps.panes.listPanes();
  const files = readLiveSessions(join(deps.slot, "sessions"));
  for (const session of adopted) {
    const pane = paneOf(panes, session, SESSION_OPTION);
    const file = pane === null ? undefined : clientInPane(files, pane.panePid);
    if (file === undefined) continue;
    if (file.sessionId !== session.live.sessionId) {
      learn(session, file.sessionId, deps);
      deps.store.sessions.update(session.name, { pid: file.pid, clientVersion: file.version });
    }
    const now = deps.fleet.get(session.name);
    if (now?.cutOff === null && file.status !== null)
      deps.fleet.setState(session.name, file.status === "busy" ? "working" : "idle");
  }
}

function learn(session: FleetSession, sessionId: string, deps: HooklessDeps): void {
  const live = { ...session.live, sessionId, transcriptPath: null };
  const changed = deps.fleet.change(session.name, { live, cutOff: null });
  deps.store.emit("session.adopted", { session: session.name, sessionId });
  if (changed !== undefined) reconcileTranscript(changed, deps);
}
