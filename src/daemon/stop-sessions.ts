import type { StoppedJson } from "../api/contract.ts";
import { readScreen } from "../claude/screen.ts";
import type { Clock } from "../clock.ts";
import { endClient } from "../sessions/end-client.ts";
import { clientInPane } from "../sessions/pane-client.ts";
import { paneFinder } from "../sessions/plan.ts";
import { awaitWritten } from "../sessions/written.ts";
import type { Store } from "../store/store.ts";
import { SESSION_OPTION, type PaneRow } from "../tmux/formats.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { SessionFiles } from "./session-files.ts";

export interface StopDeps {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly panes: Panes;
  readonly clock: Clock;
  readonly sessionFiles: SessionFiles;
  readonly projectsDir: string;
}

export interface StopOptions {
  readonly dryRun: boolean;
  /** Also where that loses an unsent draft. */
  readonly force: boolean;
  /** How long turns may take to end, milliseconds; then they are ended, and resumed later. */
  readonly waitMs: number;
  /** They stay ended until they are released; else the next start of the daemon starts them. */
  readonly stayEnded: boolean;
}

/** A client with shutdown hooks of its operator's. */
const END_BOUND_MS = 20_000;
const LOOK_AGAIN_MS = 50;
/** Clients that end at the same time; each writes its transcript to the end. */
const AT_ONCE = 4;

/**
 * Ends every session of ours, the pool before the dedicated ones: no new work, its turn may end,
 * then its client ends as by its own exit, with its shutdown hooks, then its pane. Sessions that a
 * person made, that are held, or that show an unsent draft are left as they are.
 */
export async function stopSessions(options: StopOptions, deps: StopDeps): Promise<StoppedJson[]> {
  const { fleet, panes } = deps;
  const all = fleet.list().toSorted((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
  const rows = await panes.listPanes();
  const left = new Map<string, StoppedJson>();
  for (const session of all) {
    const why = await whyLeft(session, rows, options, deps);
    if (why !== null) left.set(session.name, { name: session.name, ...why });
  }
  const due = all.filter(({ name }) => !left.has(name));
  const ended = new Map<string, StoppedJson>();
  if (options.dryRun) for (const { name } of due) ended.set(name, wouldEnd(name));
  else {
    for (const { name } of due) fleet.setDraining(name, true);
    await turnsEnded(due, options.waitMs, deps);
    const queue = [...due];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        ended.set(next.name, await endSession(next, options, deps));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
  return all.map(({ name }) => left.get(name) ?? ended.get(name) ?? wouldEnd(name));
}

function order({ kind }: FleetSession): number {
  return kind === "pool" ? 0 : 1;
}

function wouldEnd(name: string): StoppedJson {
  return { name, outcome: "wouldEnd", text: "its client, then its pane" };
}

type Left = Omit<StoppedJson, "name">;

/** Why a session is not to be ended; null when it may be. */
export async function whyLeft(
  session: FleetSession,
  rows: readonly PaneRow[],
  { force }: Pick<StopOptions, "force">,
  { panes }: StopDeps,
): Promise<Left | null> {
  const pane = paneFinder(rows, SESSION_OPTION)(session);
  if (pane === null) return { outcome: "notRunning", text: "it has no pane" };
  if (pane.options[SESSION_OPTION] !== session.name)
    return { outcome: "left", text: "a person made its tmux session" };
  if (session.held) return { outcome: "left", text: "it is held" };
  if (pane.dead || force) return null;
  const { composer } = readScreen(await panes.capture(pane.paneId, { escapes: true }));
  if (composer.kind !== "draft") return null;
  return { outcome: "left", text: "an unsent draft stands in its composer" };
}

async function turnsEnded(
  sessions: readonly FleetSession[],
  waitMs: number,
  { fleet, clock }: StopDeps,
): Promise<void> {
  const end = clock.monotonic() + waitMs;
  const isWorking = ({ name }: FleetSession): boolean => fleet.get(name)?.live.state === "working";
  while (sessions.some(isWorking) && clock.monotonic() < end) await clock.sleep(LOOK_AGAIN_MS);
}

/** Ends the client of a session as its own exit does, then its pane. */
export async function endSession(
  { name }: FleetSession,
  { stayEnded }: Pick<StopOptions, "stayEnded">,
  deps: StopDeps,
): Promise<StoppedJson> {
  const { fleet, store, panes, clock, sessionFiles, projectsDir } = deps;
  fleet.restarting.add(name);
  try {
    const session = fleet.get(name);
    const pane = paneFinder(
      await panes.listPanes(),
      SESSION_OPTION,
    )({ name, paneId: session?.paneId ?? null });
    const isWorking = session?.live.state === "working";
    if (pane !== null && !pane.dead) {
      const client = clientInPane(sessionFiles(), pane.panePid);
      const pids = [client?.pid ?? pane.panePid, pane.panePid];
      const { signal } = new AbortController();
      if (session !== undefined) await awaitWritten(session.live, { projectsDir, clock, signal });
      const running = await endClient({ pids, boundMs: END_BOUND_MS, clock, signal });
      if (running.length > 0)
        return { name, outcome: "stillRuns", text: `process ${running.join(", ")} does not end` };
    }
    if (pane !== null) await panes.killPane(pane.paneId);
    store.transaction(() => {
      const endedAt = stayEnded ? clock.now() : null;
      fleet.setDraining(name, false);
      store.sessionCare.change(name, { restartAt: null, endedAt });
      fleet.change(name, { paneId: null });
      fleet.setState(name, "dead");
      store.emit("session.stopped", { session: name });
    });
    const how = isWorking ? "; its turn was cut off and is in its transcript" : "";
    return { name, outcome: "ended", text: `its client, then its pane${how}` };
  } finally {
    fleet.restarting.delete(name);
  }
}
