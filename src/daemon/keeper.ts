import { mkdirSync } from "node:fs";
import { isOperatorsEnd, type HookSignal } from "../claude/hooks.ts";
import type { Config } from "../config/config.ts";
import { afterEnd, FRESHLY_KEPT, mayStart, MOST_DEATHS, type ClientEnd } from "../policy/keep.ts";
import { clientInPane } from "../sessions/pane-client.ts";
import { paneFinder, type PaneFinder } from "../sessions/plan.ts";
import type { WantedSession } from "../sessions/wanted.ts";
import { SESSION_OPTION, type PaneRow } from "../tmux/formats.ts";
import { waitForExit } from "../tmux/server-process.ts";
import { noteCutTurn } from "./exit-evidence.ts";
import { isPaused } from "./observe.ts";
import { adoptSession, startWanted, type FleetStartDeps } from "./sessions.ts";

export interface KeeperDeps extends FleetStartDeps {
  readonly config: Config;
  /** The sessions to keep, now. */
  readonly wanted: () => readonly WantedSession[];
  readonly tmux: { readonly connected: boolean };
  readonly onFault: (what: string, thrown: unknown) => void;
}

/** A session that runs, and where. */
interface Found {
  readonly session: WantedSession;
  readonly pane: PaneRow;
}

/** Many clients started in one second meet the server's own limiter (client facts 25, 26). */
const STAGGER_MS = 150;
/** A client that the end of its tmux server took down still writes its last rows. */
const LAST_ROWS_MS = 10_000;

/** Keeps every wanted session running, except where it is held, was ended, or crashes in a loop. */
export class Keeper {
  readonly #deps: KeeperDeps;
  /** The client's last word on why it ends. */
  readonly #reasons = new Map<string, string>();
  readonly #told = new Map<string, string>();
  #running: Promise<void> | null = null;
  #again = false;
  #hasLooked = false;
  #serverRestarted = false;
  #stopped = false;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    deps.fleet.onLeft((name) => [this.#reasons, this.#told].forEach((each) => each.delete(name)));
  }

  /** Looks at every session and starts what is due; joins a look that is under way. Never rejects. */
  async look(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#looks().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** From now on nothing is started; resolves when nothing is being started any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** The tmux server is another one: no pane of before exists, and its ids may name others. */
  serverRestarted(): void {
    this.#serverRestarted = true;
    const { fleet, onFault } = this.#deps;
    try {
      fleet.forgetPanes();
    } catch (thrown) {
      onFault("keep", thrown);
    }
    void this.look();
  }

  /** What a client said of its end or start. */
  heard(name: string, signal: HookSignal): void {
    if (signal.kind === "sessionStarted") this.#reasons.delete(name);
    if (signal.kind !== "sessionEnded") return;
    this.#reasons.set(name, signal.reason);
    void this.look();
  }

  async #looks(): Promise<void> {
    do {
      this.#again = false;
      await this.#once().catch((thrown: unknown) => this.#deps.onFault("keep", thrown));
    } while (this.#again && !this.#deps.signal.aborted);
  }

  async #once(): Promise<void> {
    const { fleet, tmux, clock, random, signal, wanted } = this.#deps;
    if (!tmux.connected || this.#stopped || signal.aborted) return;
    // What is ended or started anew while tmux answers is not as it answers.
    const handled = new Set(fleet.restarting);
    const paneOf = await this.#endedPanes();
    const found: Found[] = [];
    const missing = wanted().filter(
      (session) => !handled.has(session.name) && !this.#runs(session, paneOf, found),
    );
    this.#adopt(found);
    const isFirst = !this.#hasLooked;
    this.#hasLooked = true;
    this.#serverRestarted = false;
    for (const session of missing) {
      if (this.#stopped || signal.aborted) return;
      if (!(await this.#startIfDue(session, paneOf, isFirst))) continue;
      await clock.sleep(STAGGER_MS * (1 + random()), signal);
    }
  }

  /**
   * The panes there are, once the clients whose pane is gone have ended as well: until then such a
   * client may take a prompt in, and what it does not write is taken for what nobody was given.
   */
  async #endedPanes(): Promise<PaneFinder> {
    const { panes, fleet, store, wanted, clock, signal } = this.#deps;
    const paneOf = paneFinder(await panes.listPanes(), SESSION_OPTION);
    const ending = wanted().flatMap(({ name }) => {
      const known = fleet.get(name);
      const isKnown = known !== undefined && known.live.state !== "dead";
      const pane = isKnown ? paneOf({ name, paneId: known.paneId }) : null;
      const pid = isKnown && pane === null ? store.sessions.get(name)?.pid : null;
      return pid ?? [];
    });
    const wait = { timeoutMs: LAST_ROWS_MS, clock, signal };
    if (ending.length === 0) return paneOf;
    await Promise.all(ending.map(async (pid) => waitForExit({ ...wait, pid })));
    return paneFinder(await panes.listPanes(), SESSION_OPTION);
  }

  /** Takes them in with one durable commit: a daemon that starts finds a whole fleet. */
  #adopt(found: readonly Found[]): void {
    const { store, fleet, sessionFiles } = this.#deps;
    if (found.length === 0) return;
    const files = sessionFiles();
    const deps = { ...this.#deps, sessionFiles: () => files };
    try {
      store.transaction(() => found.forEach((each) => adoptSession(each, deps)));
    } catch (thrown) {
      for (const { session } of found) fleet.forget(session.name);
      throw thrown;
    }
  }

  /** Whether it runs, `found` if it is to be taken in; notes the end of one that does not. */
  #runs(session: WantedSession, paneOf: PaneFinder, found: Found[]): boolean {
    const { fleet, sessionFiles } = this.#deps;
    const { name } = session;
    if (fleet.restarting.has(name)) return true;
    const known = fleet.get(name);
    const pane = paneOf({ name, paneId: known?.paneId ?? null });
    const isOurs = pane?.options[SESSION_OPTION] === name;
    if (pane !== null && !pane.dead) {
      const isNew = known === undefined || known.paneId !== pane.paneId;
      if (!isNew) return true;
      const files = known === undefined || isOurs ? [] : sessionFiles();
      // Another pane of the operator's own session is theirs, unless a client runs in it.
      const isClient = known === undefined || isOurs || clientInPane(files, pane.panePid);
      if (isClient !== undefined) found.push({ session, pane });
      else this.#noteEnd(session, null);
      return true;
    }
    this.#noteEnd(session, pane);
    return pane !== null && !isOurs;
  }

  /** Also a session that cannot be started is one that is known. */
  #neverRan({ name, kind, cwd, slot, sessionId }: WantedSession): void {
    const { fleet } = this.#deps;
    const live = { state: "dead", sessionId, transcriptPath: null, lastPrompt: null } as const;
    const rest = { strategy: "hot", held: false, cutOff: null, paneId: null } as const;
    fleet.join({ name, kind, cwd, slot, live, ...rest }, null);
  }

  #noteEnd({ name }: WantedSession, pane: PaneRow | null): void {
    const { fleet, store, clock, config, random } = this.#deps;
    const row = store.sessions.get(name);
    const known = fleet.get(name);
    if (known?.live.state === "dead" || row === null || row.state === "dead") return;
    const now = clock.now();
    const cause = this.#causeOf(name, pane);
    const keepsPool = known?.kind === "pool" || row.kind === "pool";
    const care = afterEnd(store.sessionCare.get(name), {
      at: now,
      livedMs: now - (row.startedAt ?? now),
      cause,
      afterExit: keepsPool ? "restart" : config.sessions.afterExit,
      random: random(),
    });
    const exit = pane?.deadStatus ?? null;
    const text = pane === null ? "its tmux session is gone" : "its program ended";
    store.transaction(() => {
      store.sessionCare.change(name, care);
      noteCutTurn(store, known, { at: now, exit, text });
      if (known === undefined) store.sessions.setState(name, "dead", now);
      else fleet.setState(name, "dead");
      store.emit("session.dead", { session: name, exit, text });
      if (care.endedAt !== null) store.emit("session.ended", { session: name });
      if (care.stoppedAt !== null)
        store.emit("session.crashLoop", { session: name, deaths: MOST_DEATHS });
    });
    if (care.restartAt !== null && care.restartAt > now) this.#lookAt(care.restartAt);
  }

  #causeOf(name: string, pane: PaneRow | null): ClientEnd["cause"] {
    if (isOperatorsEnd(this.#reasons.get(name))) return "exit";
    if (pane?.deadStatus === 0) return "exit";
    // What ended while no daemon ran is not counted: nobody knows when and how often.
    if (!this.#hasLooked || this.#serverRestarted) return "server";
    const isTheirs = this.#deps.fleet.get(name)?.kind === "adopted";
    return isTheirs && pane === null ? "exit" : "crash";
  }

  #lookAt(at: number): void {
    const { clock, signal } = this.#deps;
    clock
      .sleep(Math.max(0, at - clock.now()), signal)
      .then(async () => this.look())
      .catch(() => undefined);
  }

  async #startIfDue(
    session: WantedSession,
    paneOf: PaneFinder,
    isFirst: boolean,
  ): Promise<boolean> {
    const { store, clock, fleet, config } = this.#deps;
    const { name } = session;
    const row = store.sessions.get(name);
    const care = store.sessionCare.get(name);
    const may = mayStart(care, { held: row?.held ?? false, now: clock.now() });
    if (may.kind === "wait") this.#lookAt(may.until);
    if (may.kind !== "start" || (isPaused(store) && !isFirst)) return false;
    if (fleet.whyLeftAlone(name) !== null) return false;
    const again = isFirst ? session : this.#asItWas(session);
    if (await this.#isElsewhere(again)) return false;
    if (config.sessions.missingFolder === "create") mkdirSync(again.cwd, { recursive: true });
    const pane = paneOf({ name, paneId: fleet.get(name)?.paneId ?? null });
    const action =
      pane === null
        ? ({ kind: "create", session: again } as const)
        : ({ kind: "respawn", session: again, pane, kill: true } as const);
    const why = await startWanted(action, this.#deps);
    if (why !== null) this.#tell(session, why);
    else if (this.#told.delete(name)) store.sessionCare.change(name, { notStarted: null });
    return why === null;
  }

  /** With the conversation, folder and arguments that it had, which are not always the configured ones. */
  #asItWas(session: WantedSession): WantedSession {
    const { store } = this.#deps;
    const row = store.sessions.get(session.name);
    const { args } = store.sessionCare.get(session.name);
    return {
      ...session,
      sessionId: row?.sessionId ?? session.sessionId,
      cwd: row?.cwd ?? session.cwd,
      args: args ?? session.args,
    };
  }

  /** A conversation that a client has open must not be given to a second one. */
  async #isElsewhere(session: WantedSession): Promise<boolean> {
    const { store, sessionFiles, clock, signal } = this.#deps;
    const row = store.sessions.get(session.name);
    const id = session.sessionId ?? row?.sessionId ?? null;
    const holders = () => sessionFiles().filter(({ sessionId }) => sessionId === id);
    const wait = { timeoutMs: LAST_ROWS_MS, clock, signal };
    for (const { pid } of holders()) if (pid === row?.pid) await waitForExit({ ...wait, pid });
    const [other] = holders();
    if (other === undefined) return false;
    this.#tell(session, `its conversation is open in process ${other.pid}`);
    return true;
  }

  #tell(session: WantedSession, text: string): void {
    const { name } = session;
    if (this.#told.get(name) === text) return;
    this.#told.set(name, text);
    if (this.#deps.store.sessions.get(name) === null) this.#neverRan(session);
    this.#deps.store.sessionCare.change(name, { notStarted: text });
    this.#deps.store.emit("session.notStarted", { session: name, text });
  }

  /** The operator's word that a session is to run again, whatever kept it from that. */
  release(name: string): void {
    this.#deps.store.sessionCare.change(name, { ...FRESHLY_KEPT });
    this.#told.delete(name);
    void this.look();
  }
}
