import { randomUUID } from "node:crypto";
import { LIMIT_PATTERN, suspectOnScreen } from "../claude/limit-screen.ts";
import { conversationNamed } from "../claude/screen-session.ts";
import type { SessionFile } from "../claude/session-files.ts";
import type { Clock } from "../clock.ts";
import type { Evidence, Refusal } from "../policy/model.ts";
import { clientInPane } from "../sessions/pane-client.ts";
import { paneFinder, type PaneFinder } from "../sessions/plan.ts";
import type { Store } from "../store/store.ts";
import type { TmuxClient } from "../tmux/client.ts";
import { SESSION_OPTION } from "../tmux/formats.ts";
import type { Panes } from "../tmux/panes.ts";
import { panesShowing, parsePaneIds } from "../tmux/watch.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { SessionFiles } from "./session-files.ts";
import type { Intake } from "./intake.ts";
import { reconcileTranscript } from "./reconcile.ts";

export interface HooklessDeps {
  readonly panes: Panes;
  readonly tmux: Pick<TmuxClient, "subscribe" | "unsubscribe">;
  readonly fleet: Fleet;
  readonly intake: Intake;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly sessionFiles: SessionFiles;
  readonly projectsDir: string;
  /** A suspicion came or went. */
  readonly onNews: () => void;
}

/** The name of the subscription to panes that show the words of a limit. */
export const LIMIT_PANES = "cf-limits";
/** A client whose hooks run has said by then that it started (client facts 22). */
const SILENT_MS = 8_000;
/** So far back a pane may say which conversation it has. */
const PANE_LINES = 500;
/** A row is flushed up to 0.1 s after the screen (measured). */
const ROW_MS = 300;

/**
 * Sessions that tell nothing by hooks: those that were adopted, and those whose hooks a policy stops.
 * Which conversation they have and whether they work, the client's own session file says, and where
 * there is none their pane may; that their turn was cut off, their transcript. Words of a limit on the
 * screen are a suspicion, and told.
 */
export class Hookless {
  readonly #deps: HooklessDeps;
  /** Started by us, and up without a word; since when that is known (epoch ms). */
  readonly #silent = new Map<string, number>();
  #showing = new Set<string>();
  #isWatching = false;

  constructor(deps: HooklessDeps) {
    this.#deps = deps;
    deps.fleet.onLeft((name) => this.#silent.delete(name));
  }

  /** Looks at every session without hooks. */
  async look(): Promise<void> {
    const { fleet, panes, sessionFiles } = this.#deps;
    const mayBe = fleet.list().filter((each) => this.#isOne(each) || this.#isLate(each));
    if (mayBe.length === 0) return this.#watch(false);
    const paneOf = paneFinder(await panes.listPanes(), SESSION_OPTION);
    for (const slot of new Set(mayBe.map((each) => each.slot))) {
      const files = sessionFiles(slot);
      for (const each of mayBe) if (each.slot === slot) this.#learn(each, paneOf, files);
    }
    const known = fleet.list().filter((each) => this.#isOne(each));
    for (const session of known)
      if (session.live.sessionId === null) await this.#readPane(session, paneOf);
    await this.#watch(known.length > 0);
    for (const session of known) await this.#check(session, paneOf);
  }

  /** tmux found words of a limit in these panes, and in no others. */
  async shown(value: string): Promise<void> {
    this.#showing = new Set(parsePaneIds(value));
    const { fleet, panes, clock, signal } = this.#deps;
    const paneOf = paneFinder(await panes.listPanes(), SESSION_OPTION);
    const suspects = fleet
      .list()
      .filter((each) => this.#isOne(each) && this.#isShown(each, paneOf));
    if (suspects.length === 0) return;
    for (const session of suspects) this.#readTranscript(session);
    await clock.sleep(ROW_MS, signal);
    for (const session of suspects) await this.#check(session, paneOf);
  }

  #isOne({ name, kind }: FleetSession): boolean {
    const since = this.#silent.get(name);
    return kind === "adopted" || (since !== undefined && this.#deps.fleet.heardAt(name) < since);
  }

  #isLate({ name, live }: FleetSession): boolean {
    if (live.state !== "starting") return false;
    const { store, clock } = this.#deps;
    const since = store.sessions.get(name)?.since ?? clock.now();
    return clock.now() - since >= SILENT_MS;
  }

  async #watch(wanted: boolean): Promise<void> {
    if (wanted === this.#isWatching) return;
    this.#isWatching = wanted;
    const { tmux } = this.#deps;
    if (wanted) await tmux.subscribe(LIMIT_PANES, panesShowing(LIMIT_PATTERN));
    else await tmux.unsubscribe(LIMIT_PANES);
  }

  #learn(session: FleetSession, paneOf: PaneFinder, files: readonly SessionFile[]): void {
    const { fleet, store } = this.#deps;
    const { name } = session;
    const pane = paneOf(session);
    if (pane === null) return;
    const told = clientInPane(files, pane.panePid);
    // In a home that its slot has left a client's file may be old: better than nothing.
    const isAsked = told === undefined && session.live.sessionId === null;
    const file = isAsked ? clientInPane(this.#deps.sessionFiles(), pane.panePid) : told;
    if (file === undefined) return;
    if (!this.#isOne(session)) {
      this.#silent.set(name, this.#deps.clock.now());
      store.emit("session.withoutHooks", { session: name });
      this.#readTranscript(session);
    }
    if (file.sessionId !== session.live.sessionId) {
      const live = { ...session.live, sessionId: file.sessionId, transcriptPath: null };
      const changed = fleet.change(name, { live, cutOff: null });
      store.emit("session.adopted", { session: name, sessionId: file.sessionId });
      if (changed !== undefined) this.#readTranscript(changed);
    }
    store.sessions.update(name, { pid: file.pid, clientVersion: file.version });
    const status = told?.status ?? null;
    if (fleet.get(name)?.cutOff === null && status !== null)
      fleet.setState(name, status === "busy" ? "working" : "idle");
  }

  /**
   * Where no file of the client tells the conversation its pane may. What names several says nothing:
   * the session is in doubt, and nothing is done with it.
   */
  async #readPane({ name, live }: FleetSession, paneOf: PaneFinder): Promise<void> {
    const { fleet, panes, store } = this.#deps;
    const pane = paneOf({ name, paneId: fleet.get(name)?.paneId ?? null });
    if (pane === null) return;
    const how = { escapes: false, joined: true, lines: PANE_LINES };
    const told = conversationNamed(await panes.capture(pane.paneId, how));
    if (told.kind === "none") return;
    if (told.kind === "several")
      return fleet.setDoubt(
        name,
        `its pane names several conversations: ${told.sessionIds.join(", ")}`,
      );
    const other = fleet.list().find((each) => each.live.sessionId === told.sessionId);
    if (other !== undefined)
      return fleet.setDoubt(name, `its pane names the conversation of ${other.name}`);
    fleet.setDoubt(name, null);
    // Its client has ended and left that as its last words: there is nobody to type to.
    const state = told.hasEnded ? "dead" : live.state;
    const { sessionId } = told;
    const changed = fleet.change(name, { live: { ...live, sessionId, state } });
    store.emit("session.adopted", { session: name, sessionId });
    if (changed !== undefined && !told.hasEnded) this.#readTranscript(changed);
  }

  #readTranscript(session: FleetSession): void {
    reconcileTranscript(session, this.#deps);
  }

  #isShown(session: FleetSession, paneOf: PaneFinder): boolean {
    const pane = paneOf(session);
    return pane !== null && this.#showing.has(pane.paneId);
  }

  async #check(session: FleetSession, paneOf: PaneFinder): Promise<void> {
    const { fleet, panes } = this.#deps;
    const { name } = session;
    const pane = paneOf(session);
    const isShown = pane !== null && this.#showing.has(pane.paneId);
    if (!isShown) return this.#suspect(session, null);
    const screen = await panes.capture(pane.paneId, { escapes: true });
    const refusal = suspectOnScreen(screen, this.#deps.clock.now());
    if (refusal !== null) this.#readTranscript(session);
    const isConfirmed = fleet.get(name)?.cutOff?.refusal.class === "usageLimit";
    this.#suspect(session, isConfirmed ? null : refusal);
  }

  #suspect({ name, live, slot }: FleetSession, refusal: Refusal | null): void {
    const { fleet, store, clock, onNews } = this.#deps;
    const before = fleet.suspectOf(name);
    if (before?.refusal.text === refusal?.text) return;
    if (refusal === null) {
      fleet.suspect(name, null);
      return onNews();
    }
    const now = clock.now();
    const evidence: Evidence = {
      id: randomUUID(),
      channel: "pane",
      session: name,
      sessionId: live.sessionId ?? "",
      promptId: null,
      account: store.periods.of(slot).accountAt(now) ?? "",
      refusal,
      requestedAt: now,
      observedAt: now,
    };
    store.transaction(() => {
      store.evidence.add(evidence);
      store.emit("session.suspected", { session: name, text: refusal.text });
    });
    fleet.suspect(name, evidence);
    onNews();
  }
}
