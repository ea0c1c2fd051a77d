import { randomUUID } from "node:crypto";
import { argsWithModel } from "../claude/launch.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Recycled } from "../dispatch/ports.ts";
import type { Workplace } from "../dispatch/router.ts";
import { endClient } from "../sessions/end-client.ts";
import { startSession, type StartDeps } from "../sessions/start.ts";
import { awaitWritten } from "../sessions/written.ts";
import type { Store } from "../store/store.ts";
import type { Fleet, FleetSession } from "./fleet.ts";

export interface RecycleDeps {
  readonly config: Config;
  readonly fleet: Fleet;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly start: StartDeps;
}

const END_BOUND_MS = 10_000;

const START_BOUND_MS = 30_000;
const LOOK_AGAIN_MS = 25;

/**
 * Ends the client of a session of the pool cleanly and starts it anew, with a conversation of its own, in the
 * folder and with the model of a task. Ready when the client says that it is up, at most 30 s later.
 */
export async function recycle(
  session: FleetSession,
  place: Workplace,
  deps: RecycleDeps,
): Promise<Recycled> {
  const { restarting } = deps.fleet;
  restarting.add(session.name);
  try {
    return await startAnew(session, place, deps);
  } finally {
    restarting.delete(session.name);
  }
}

async function startAnew(
  session: FleetSession,
  place: Workplace,
  deps: RecycleDeps,
): Promise<Recycled> {
  const { config, fleet, store, clock, start } = deps;
  const { name, paneId } = session;
  if (paneId === null) return { kind: "notReady", why: "it has no pane" };
  const sessionId = randomUUID();
  const wanted = {
    name,
    kind: "pool" as const,
    cwd: place.cwd,
    args: argsWithModel(config.claude.args, place.model),
    sessionId,
    strategy: config.sessions.strategy,
    slot: session.slot,
  };
  // Its transcript is written to the end then; a client that is killed loses its last rows.
  if (session.live.state !== "dead")
    await awaitWritten(session.live, {
      projectsDir: start.projectsDir,
      clock,
      signal: deps.signal,
    });
  const pid = session.live.state === "dead" ? null : (store.sessions.get(name)?.pid ?? null);
  const bound = { boundMs: END_BOUND_MS, clock, signal: deps.signal };
  if (pid !== null) await endClient({ pids: [pid], ...bound });
  const action = { kind: "respawn", session: wanted, pane: { paneId }, kill: true } as const;
  const started = await startSession(action, start);
  if (started.kind === "notStarted") return { kind: "notReady", why: started.why };
  store.sessionCare.change(name, { args: wanted.args, permissionMode: null });
  fleet.join(
    {
      ...session,
      cwd: place.cwd,
      cutOff: null,
      paneId: started.pane.paneId,
      live: { state: "starting", sessionId, transcriptPath: null, lastPrompt: null },
    },
    started.pane.panePid,
  );
  store.emit("session.launched", { session: name, sessionId, conversation: "new" });
  const end = clock.monotonic() + START_BOUND_MS;
  while (clock.monotonic() < end) {
    const live = fleet.get(name)?.live;
    if (live?.sessionId !== sessionId)
      return { kind: "notReady", why: "it was given another conversation" };
    if (live.state === "idle") return { kind: "ready", sessionId };
    if (live.state === "dead") return { kind: "notReady", why: "its client ended at its start" };
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return { kind: "notReady", why: "its client did not come up within 30 s" };
}
