import { readScreen } from "../claude/screen.ts";
import type { SessionFile } from "../claude/session-files.ts";
import { readLast } from "../claude/transcript-tail.ts";
import { turnAfter } from "../claude/transcript.ts";
import type { Clock } from "../clock.ts";
import { doubtOf } from "../sessions/doubt.ts";
import { clientsByPane } from "../sessions/pane-client.ts";
import { paneFinder } from "../sessions/plan.ts";
import type { Store } from "../store/store.ts";
import { SESSION_OPTION, type PaneRow } from "../tmux/formats.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { SessionFiles } from "./session-files.ts";

export interface SecondLookDeps {
  readonly panes: Pick<Panes, "listPanes" | "capture">;
  readonly fleet: Fleet;
  readonly store: Store;
  readonly clock: Clock;
  readonly sessionFiles: SessionFiles;
}

/** A client writes its status, its hook and its rows within a moment of each other. */
const SETTLED_MS = 5_000;
/** The same where there is no status: other programs' hooks may let a turn go on after its answer. */
const ROWS_SETTLED_MS = 30_000;
const TAIL_BYTES = 32 * 1024;
/** A look may take one part in so many of the time. */
const SHARE = 200;

/**
 * What no hook tells of sessions whose hooks speak: that a turn ended which a person interrupted, or
 * whose last hook was lost; that a dialog is gone; that it cannot be told which conversation it is.
 */
export class SecondLook {
  readonly #deps: SecondLookDeps;
  /** What the look before this one doubted: a client that ends as another starts is no second one. */
  #doubted = new Map<string, string>();
  #notBefore = 0;

  constructor(deps: SecondLookDeps) {
    this.#deps = deps;
  }

  /** Looks at every session, unless the last look was dear and is not long ago. Throws CF_TMUX_*. */
  async look(): Promise<void> {
    const { clock } = this.#deps;
    const beganAt = clock.monotonic();
    if (beganAt < this.#notBefore) return;
    await this.#look();
    const now = clock.monotonic();
    this.#notBefore = now + SHARE * (now - beganAt);
  }

  async #look(): Promise<void> {
    const { panes, fleet } = this.#deps;
    const rows = await panes.listPanes();
    const live = rows.filter(({ dead }) => !dead);
    const before = this.#doubted;
    this.#doubted = new Map();
    for (const slot of fleet.slots()) await this.#lookIn(slot, live, before);
  }

  async #lookIn(
    slot: string,
    live: readonly PaneRow[],
    before: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { fleet, sessionFiles } = this.#deps;
    const files = sessionFiles(slot);
    const byPane = clientsByPane(files, new Set(live.map(({ panePid }) => panePid)));
    const paneOf = paneFinder(live, SESSION_OPTION);
    for (const session of fleet.list(slot)) {
      if (fleet.restarting.has(session.name)) continue;
      const pane = paneOf(session);
      const clients = pane === null ? [] : (byPane.get(pane.panePid) ?? []);
      this.#doubt(session, { clients, files, before });
      if (session.live.state === "working") this.#endMissed(session, clients[0]);
      if (session.live.state === "asking" && pane !== null)
        await this.#lookAtDialog(session, pane.paneId, clients[0]);
    }
  }

  #doubt(
    { name, live }: FleetSession,
    seen: {
      readonly clients: readonly SessionFile[];
      readonly files: readonly SessionFile[];
      readonly before: ReadonlyMap<string, string>;
    },
  ): void {
    const { fleet, store } = this.#deps;
    const { clients, files, before } = seen;
    const had = (id: string): boolean => store.sessionIds.nameOf(id) === name;
    const { sessionId } = live;
    const why = doubtOf({ sessionId, heardAt: fleet.heardAt(name), had, clients }, files);
    // Of a conversation that is not known yet the look at its pane says whether it is clear.
    if (why === null && sessionId === null) return;
    if (why === null) return fleet.setDoubt(name, null);
    this.#doubted.set(name, why);
    if (before.has(name)) fleet.setDoubt(name, why);
  }

  #endMissed(session: FleetSession, client: SessionFile | undefined): void {
    const { fleet, store } = this.#deps;
    const { name, live } = session;
    const promptedAt = live.lastPrompt?.at ?? store.sessions.get(name)?.since ?? 0;
    const status = client?.sessionId === live.sessionId ? (client?.status ?? null) : null;
    const by =
      status === null
        ? this.#endedByRows(session, promptedAt)
        : this.#isIdleSince(promptedAt, client, fleet.heardAt(name));
    if (!by) return;
    store.transaction(() => {
      fleet.setState(name, "idle");
      store.emit("session.foundIdle", { session: name, by: status === null ? "rows" : "status" });
    });
  }

  #isIdleSince(promptedAt: number, client: SessionFile | undefined, heardAt: number): boolean {
    const idleAt = client?.status === "idle" ? client.statusUpdatedAt : null;
    if (idleAt === null || idleAt <= promptedAt) return false;
    return this.#deps.clock.now() - Math.max(idleAt, heardAt) >= SETTLED_MS;
  }

  /** For clients that tell no status. */
  #endedByRows({ name, live }: FleetSession, promptedAt: number): boolean {
    const { fleet, clock } = this.#deps;
    const quietFor = clock.now() - Math.max(promptedAt, fleet.heardAt(name));
    if (live.transcriptPath === null || quietFor < ROWS_SETTLED_MS) return false;
    const last = readLast(live.transcriptPath, TAIL_BYTES).findLast(
      ({ kind }) => kind === "answer" || kind === "prompt" || kind === "toolResult",
    );
    if (last?.kind !== "answer" || turnAfter(last.stopReason) !== "ended") return false;
    return last.at > promptedAt && clock.now() - last.at >= ROWS_SETTLED_MS;
  }

  /** Says what a dialog asks, and that it is gone once the composer is there again. */
  async #lookAtDialog(
    { name }: FleetSession,
    paneId: string,
    client: SessionFile | undefined,
  ): Promise<void> {
    const { panes, fleet, store } = this.#deps;
    const { dialog, composer, busy } = readScreen(await panes.capture(paneId, { escapes: true }));
    if (fleet.get(name)?.live.state !== "asking") return;
    if (dialog !== null && (store.sessionCare.get(name).asks ?? "") === "")
      fleet.asks(name, `a dialog waits: ${dialog}`);
    // Without a composer there may be a dialog that we do not know.
    if (composer.kind === "none") return;
    const works = busy || client?.status === "busy";
    fleet.setState(name, works ? "working" : "idle");
  }
}
