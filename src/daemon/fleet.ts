import type { HookSignal } from "../claude/hooks.ts";
import type { Evidence, SessionKind } from "../policy/model.ts";
import { afterSignal, type LiveSession, type SubmittedPrompt } from "../sessions/live.ts";
import type { SessionRow, Strategy } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";

/** One session as the daemon knows it now. */
export interface FleetSession {
  readonly name: string;
  readonly kind: SessionKind;
  readonly cwd: string;
  /** The name of the slot that its client was started with. */
  readonly slot: string;
  readonly paneId: string | null;
  readonly strategy: Strategy;
  readonly held: boolean;
  readonly live: LiveSession;
  /** The refusal that cut its last turn off, until a later prompt or answer. */
  readonly cutOff: Evidence | null;
}

/** The sessions of this daemon: in memory for speed, and in the registry for the next daemon. */
export class Fleet {
  readonly #sessions = new Map<string, FleetSession>();
  readonly #prompted = new Map<string, string>();
  readonly #models = new Map<string, string>();
  readonly #heard = new Map<string, number>();
  readonly #suspects = new Map<string, Evidence>();
  /** Sessions whose client is being ended and started anew by somebody: nobody else starts them. */
  readonly restarting = new Set<string>();
  /** Given no new work. */
  readonly #draining = new Set<string>();
  /** Why it cannot be told which conversation a session has. */
  readonly #doubts = new Map<string, string>();
  readonly #left = new Set<(name: string) => void>();
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** What the screens of sessions of the slot say that no hook or row confirms. */
  suspects(slot: string): Evidence[] {
    return [...this.#suspects].flatMap(([name, suspect]) =>
      this.#sessions.get(name)?.slot === slot ? suspect : [],
    );
  }

  /** When the newest hook of the session was written (epoch ms); 0 for never. */
  heardAt(name: string): number {
    const at = this.#heard.get(name) ?? 0;
    // The clock was set back: what comes now is newer, whatever it says.
    return at > this.#now() ? 0 : at;
  }

  suspectOf(name: string): Evidence | null {
    return this.#suspects.get(name) ?? null;
  }

  suspect(name: string, evidence: Evidence | null): void {
    if (evidence === null) this.#suspects.delete(name);
    else this.#suspects.set(name, evidence);
  }

  /** Every session, or those of one slot. */
  list(slot?: string): FleetSession[] {
    const all = [...this.#sessions.values()];
    return slot === undefined ? all : all.filter((session) => session.slot === slot);
  }

  /** The names of the slots that sessions use. */
  slots(): Set<string> {
    return new Set(this.list().map(({ slot }) => slot));
  }

  get(name: string): FleetSession | undefined {
    return this.#sessions.get(name);
  }

  byTranscript(path: string, sessionId: string | null): FleetSession | undefined {
    return this.list().find(
      (session) =>
        session.live.transcriptPath === path ||
        (sessionId !== null && session.live.sessionId === sessionId),
    );
  }

  /** Takes a session in: one that was just started, or one that was found running. */
  join(session: FleetSession, pid: number | null): void {
    this.#sessions.set(session.name, session);
    const { live } = session;
    const known = this.#store.sessions.get(session.name);
    // The process that a daemon before this one knew: it did not begin anything now.
    const same = known !== null && pid !== null && known.pid === pid ? known : null;
    const now = this.#now();
    const state = session.held ? "held" : live.state;
    this.#store.sessions.put({
      name: session.name,
      kind: session.kind,
      sessionId: live.sessionId,
      cwd: session.cwd,
      slot: session.slot,
      account: same?.account ?? this.#activeIn(session.slot),
      paneId: session.paneId,
      pid,
      clientVersion: known?.clientVersion ?? null,
      model: known?.model ?? null,
      state,
      strategy: session.strategy,
      transcriptPath: live.transcriptPath,
      startedAt: same?.startedAt ?? now,
      since: same?.state === state ? same.since : now,
      held: session.held,
    });
    if (known !== null && known.model !== null) this.#models.set(session.name, known.model);
    this.#remember(session.name, live.sessionId, "chosen");
    const { draining, doubt } = this.#store.sessionCare.get(session.name);
    if (draining) this.#draining.add(session.name);
    if (doubt !== null) this.#doubts.set(session.name, doubt);
  }

  /** It could not be written down: whoever finds it next takes it in anew. */
  forget(name: string): void {
    this.#sessions.delete(name);
  }

  /** What its hooks say of whether something may be typed. */
  readiness(name: string): "working" | "starting" | "ready" {
    const session = this.#sessions.get(name);
    if (session !== undefined && isQueued(session)) return "working";
    const state = session?.live.state;
    return state === "working" || state === "starting" ? state : "ready";
  }

  /** It is kept no more: forgets it, but not which conversations it had. */
  leave(name: string): void {
    for (const known of [
      this.#sessions,
      this.#models,
      this.#prompted,
      this.#heard,
      this.#suspects,
      this.#doubts,
    ])
      known.delete(name);
    this.#draining.delete(name);
    this.#store.sessions.remove(name);
    for (const forget of this.#left) forget(name);
  }

  /** `forget` is told of each session that is kept no more: the next one of its name is another. */
  onLeft(forget: (name: string) => void): void {
    this.#left.add(forget);
  }

  isDraining(name: string): boolean {
    return this.#draining.has(name);
  }

  setDraining(name: string, draining: boolean): void {
    this.#store.sessionCare.change(name, { draining });
    if (draining) this.#draining.add(name);
    else this.#draining.delete(name);
  }

  /** Why nothing is to be done with a session now, by its operator's word or because it is in doubt. */
  whyLeftAlone(name: string): string | null {
    if (this.#sessions.get(name)?.held === true) return "it is held by the operator";
    return this.#doubts.get(name) ?? null;
  }

  /** It cannot be told which conversation it has (`why`), or it can again (null). */
  setDoubt(name: string, why: string | null): void {
    if ((this.#doubts.get(name) ?? null) === why) return;
    this.#store.transaction(() => {
      this.#store.sessionCare.change(name, { doubt: why });
      if (why === null) this.#store.emit("session.known", { session: name });
      else this.#store.emit("session.ambiguous", { session: name, text: why });
    });
    if (why === null) this.#doubts.delete(name);
    else this.#doubts.set(name, why);
  }

  /** A dialog of its client waits for a person; `text` says what it asks. */
  asks(name: string, text: string): void {
    const session = this.#sessions.get(name);
    if (session === undefined) return;
    const isNews =
      session.live.state !== "asking" || this.#store.sessionCare.get(name).asks !== text;
    if (!isNews) return;
    this.#store.transaction(() => {
      this.#store.sessionCare.change(name, { asks: text });
      this.setState(name, "asking");
      this.#store.emit("session.asking", { session: name, text });
    });
  }

  /**
   * Whether a hook is about the session. What its client starts in the background has the session's
   * hooks as well: one press of ← in 2.1.332 starts a conversation of nobody's beside the session's own.
   */
  owns(name: string, signal: HookSignal): boolean {
    const { sessionId } = signal;
    const current = this.#sessions.get(name)?.live.sessionId ?? null;
    if (current === null || current === sessionId) return true;
    const isChange = signal.kind === "sessionStarted" && signal.source !== "startup";
    return isChange || this.#store.sessionIds.nameOf(sessionId) === name;
  }

  /**
   * What a hook told. A prompt, a finished turn or another conversation ends what cut it off. A hook
   * written before one that is known (`at`, epoch ms), or before the client's end was, is history: it
   * does not set the session back.
   */
  signal(name: string, signal: HookSignal, at: number): FleetSession | undefined {
    const before = this.#sessions.get(name);
    if (before === undefined) return undefined;
    if (at < this.heardAt(name) || this.#isFromBeforeItsEnd(before, at)) {
      if (signal.kind === "sessionStarted") this.#remember(name, signal.sessionId, signal.source);
      return before;
    }
    this.#heard.set(name, at);
    const { permissionMode } = signal;
    if (permissionMode !== null && signal.agentId === null)
      this.#store.sessionCare.change(name, { permissionMode });
    const live = afterSignal(before.live, signal, at);
    const over =
      signal.kind === "promptSubmitted" ||
      signal.kind === "turnEnded" ||
      (signal.kind === "sessionStarted" && signal.sessionId !== before.live.sessionId);
    if (signal.kind === "sessionStarted") this.#remember(name, signal.sessionId, signal.source);
    if (signal.kind === "promptSubmitted") this.#said(name, live.sessionId);
    return this.#set({ ...before, live, cutOff: over ? null : before.cutOff });
  }

  /** What comes late must not make a session look alive: its end would be noted a second time. */
  #isFromBeforeItsEnd({ name, live }: FleetSession, at: number): boolean {
    const since = this.#store.sessions.get(name)?.since ?? 0;
    return live.state === "dead" && at <= since && since <= this.#now();
  }

  /** A prompt that the transcript told. What cut an earlier turn off is over with it. */
  prompted(name: string, prompt: SubmittedPrompt): void {
    const session = this.#sessions.get(name);
    if (session === undefined || (session.live.lastPrompt?.at ?? 0) >= prompt.at) return;
    const isOver = (session.cutOff?.observedAt ?? 0) < prompt.at;
    const goesOn = isOver && session.cutOff !== null && session.live.state !== "dead";
    const state = goesOn ? "working" : session.live.state;
    const live = { ...session.live, state, lastPrompt: prompt };
    this.#said(name, live.sessionId);
    this.#set({ ...session, live, cutOff: isOver ? null : session.cutOff });
  }

  /** An answer of the model, written at `at` (epoch ms): a limit before it is over. */
  answered(name: string, at: number): void {
    const session = this.#sessions.get(name);
    if (session?.cutOff === null || session === undefined || at <= session.cutOff.observedAt)
      return;
    this.#set({ ...session, cutOff: null });
  }

  /** The model that a session said it works with. */
  worksWith(name: string, model: string): void {
    if (this.#models.get(name) === model || this.#store.sessions.get(name) === null) return;
    this.#models.set(name, model);
    this.#store.sessions.update(name, { model });
  }

  /** The models that sessions of the slot work with which run and are not held. */
  models(slot: string): string[] {
    const running = this.list(slot).filter(({ held, live }) => !held && live.state !== "dead");
    return [...new Set(running.flatMap(({ name }) => this.#models.get(name) ?? []))].toSorted();
  }

  /**
   * Its turn was cut off by `evidence`, unless it was given another prompt since: a row is flushed
   * late, and the session may have been continued meanwhile (measured: about 0.1 s).
   */
  cutOff(name: string, evidence: Evidence): void {
    const session = this.#sessions.get(name);
    if (session === undefined || (session.live.lastPrompt?.at ?? 0) > evidence.observedAt) return;
    const rests = evidence.refusal.class === "usageLimit" ? "limited" : "idle";
    const state = session.live.state === "dead" ? "dead" : rests;
    this.#set({ ...session, cutOff: evidence, live: { ...session.live, state } });
  }

  change(name: string, changes: Partial<Omit<FleetSession, "name">>): FleetSession | undefined {
    const session = this.#sessions.get(name);
    return session === undefined ? undefined : this.#set({ ...session, ...changes });
  }

  /** No pane of before is there any more, and its id may name another's: forgotten whatever the store does. */
  forgetPanes(): void {
    for (const session of this.list())
      this.#sessions.set(session.name, { ...session, paneId: null });
    this.#store.transaction(() => this.list().forEach((session) => this.#persist(session)));
  }

  setState(name: string, state: LiveSession["state"]): void {
    const session = this.#sessions.get(name);
    if (session !== undefined) this.#set({ ...session, live: { ...session.live, state } });
  }

  #set(session: FleetSession): FleetSession {
    this.#sessions.set(session.name, session);
    this.#persist(session);
    return session;
  }

  /** The registry is written only where it says something new: a turn costs one row, not one a signal. */
  #persist(session: FleetSession): void {
    const row = this.#store.sessions.get(session.name);
    if (row === null) return;
    const { live } = session;
    const account = this.#activeIn(session.slot) ?? row.account;
    const state = session.held ? "held" : live.state;
    const next: SessionRow = {
      ...row,
      slot: session.slot,
      paneId: session.paneId,
      sessionId: live.sessionId,
      transcriptPath: live.transcriptPath,
      held: session.held,
      strategy: session.strategy,
      state,
      since: row.state === state ? row.since : this.#now(),
      account: live.state === "working" ? account : row.account,
    };
    if (JSON.stringify(next) !== JSON.stringify(row)) this.#store.sessions.put(next);
    if (row.state === "asking" && state !== "asking")
      this.#store.sessionCare.change(session.name, { asks: null });
  }

  #activeIn(slot: string): string | null {
    return this.#store.periods.of(slot).active()?.account ?? null;
  }

  /** Written once a session's conversation. */
  #said(name: string, sessionId: string | null): void {
    if (sessionId === null || this.#prompted.get(name) === sessionId) return;
    this.#prompted.set(name, sessionId);
    this.#store.sessionIds.prompted(sessionId, name);
  }

  #remember(name: string, sessionId: string | null, source: string): void {
    if (sessionId === null) return;
    this.#store.sessionIds.add({ sessionId, name, fromAt: this.#now(), source });
  }
}

/** Whether a prompt stands behind the turn that was cut off: its client goes on with it by itself. */
function isQueued({ cutOff, live }: FleetSession): boolean {
  const { lastPrompt } = live;
  return cutOff !== null && lastPrompt?.isQueued === true && lastPrompt.at <= cutOff.observedAt;
}
