import type { HookSignal } from "../claude/hooks.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import {
  afterFailure,
  afterSuccess,
  CLOSED,
  isOpen,
  MOST_FAILURES,
  type Breaker,
} from "../policy/breaker.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { Evidence } from "../policy/model.ts";
import type { ClientStart } from "../sessions/client-starts.ts";
import { relaunch, type RelaunchOutcome } from "../sessions/relaunch.ts";
import type { StartDeps } from "../sessions/start.ts";
import type { WantedSession } from "../sessions/wanted.ts";
import type { Store } from "../store/store.ts";
import type { PaneHandle, Panes } from "../tmux/panes.ts";
import { keptSessions } from "./kept.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import type { SessionFiles } from "./session-files.ts";
import { Gate } from "./gate.ts";

export interface RelauncherDeps {
  readonly config: Config;
  readonly fleet: Fleet;
  readonly store: Store;
  readonly clock: Clock;
  readonly panes: Panes;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly start: StartDeps;
  readonly sessionFiles: SessionFiles;
}

/** What became of one session's move. */
export type Moved =
  | { readonly kind: "moved"; readonly pid: number; readonly totalMs: number }
  | { readonly kind: "notMoved"; readonly why: string; readonly isOccupied: boolean };

/** Many clients started in one second meet the server's own limiter (client facts 26). */
const MOST_AT_ONCE = 2;
const JITTER_MS = 300;
/** States in which a client is at rest; a turn that runs is let end. */
const AT_REST = new Set(["idle", "limited"]);
const TELLS_AGAINST_ACCOUNT = new Set(["auth", "billing", "orgPolicy"]);

/** Moves sessions to the active account of their slot by ending their clients and resuming the conversations. */
export class Relauncher {
  readonly #deps: RelauncherDeps;
  readonly #listeners = new Set<(start: ClientStart) => void>();
  readonly #gate: Gate;
  /** By account. */
  readonly #breakers = new Map<string, Breaker>();

  constructor(deps: RelauncherDeps) {
    this.#deps = deps;
    const { clock, random } = deps;
    this.#gate = new Gate(MOST_AT_ONCE, async () => clock.sleep(random() * JITTER_MS, deps.signal));
  }

  /** The account that a session's client belongs to and must leave, or null where it need not. */
  leaves(session: FleetSession): string | null {
    const { store } = this.#deps;
    const { name, strategy, live, slot } = session;
    if (strategy !== "relaunch" || !AT_REST.has(live.state)) return null;
    const startedAt = store.sessions.get(name)?.startedAt ?? null;
    const periods = store.periods.of(slot);
    const active = periods.active()?.account;
    const began = startedAt === null ? null : periods.accountAt(startedAt);
    return began === null || active === undefined || began === active ? null : began;
  }

  /** What a client said. */
  heard(name: string, hook: HookSignal): void {
    if (hook.kind !== "sessionStarted") return;
    const { sessionId, source } = hook;
    for (const listener of this.#listeners) listener({ session: name, sessionId, source });
  }

  /** A refusal that is no usage limit: several in a row tell against the account itself. */
  refused({ account, session, refusal, observedAt }: Evidence): void {
    const { fleet } = this.#deps;
    const slot = fleet.get(session)?.slot;
    if (slot === undefined || account !== this.#activeIn(slot)) return;
    if (TELLS_AGAINST_ACCOUNT.has(refusal.class)) this.#fail(account, observedAt);
  }

  /** Ends the client of the session named and resumes its conversation, when its turn comes. */
  async move(name: string): Promise<Moved> {
    return this.#gate.pass(async () => this.#move(name));
  }

  async #move(name: string): Promise<Moved> {
    const { fleet, clock } = this.#deps;
    const session = fleet.get(name);
    if (session === undefined || session.paneId === null) return notMoved("it has no pane");
    const active = this.#activeIn(session.slot);
    if (active !== null && isOpen(this.#breakerOf(active), clock.now()))
      return notMoved(`${active} refused several clients in a row`);
    fleet.restarting.add(name);
    try {
      const wanted = this.#asItWas(session);
      const outcome = await relaunch({ session: wanted, paneId: session.paneId }, this.#how(name));
      return this.#told(session, outcome);
    } finally {
      fleet.restarting.delete(name);
    }
  }

  #how(name: string): Parameters<typeof relaunch>[1] {
    const { start, panes, clock, signal, config, fleet, sessionFiles } = this.#deps;
    return {
      ...start,
      sessionFiles,
      panes,
      clock,
      signal,
      resumeOffer: config.sessions.resumeOffer,
      live: (session) => fleet.get(session)?.live ?? null,
      onClientStart: (listener) => {
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
      },
      isDue: () => {
        const now = fleet.get(name);
        return now !== undefined && fleet.whyLeftAlone(name) === null && this.leaves(now) !== null;
      },
      onRespawned: (pane) => this.#respawned(name, pane),
    };
  }

  /** The new client has the conversation, and what cut its turn off, of the old one. */
  #respawned(name: string, pane: PaneHandle): void {
    const { fleet } = this.#deps;
    const session = fleet.get(name);
    if (session === undefined) return;
    const live = { ...session.live, state: "starting" as const };
    fleet.join({ ...session, paneId: pane.paneId, live }, pane.panePid);
  }

  #asItWas(session: FleetSession): WantedSession {
    const { config, store } = this.#deps;
    const { name, kind, cwd, live } = session;
    const configured = keptSessions(this.#deps.store, config).find((each) => each.name === name);
    const args = store.sessionCare.get(name).args ?? configured?.args ?? config.claude.args;
    return {
      name,
      kind: kind === "pool" ? "pool" : "dedicated",
      cwd,
      args,
      sessionId: live.sessionId,
      strategy: "relaunch",
      slot: session.slot,
    };
  }

  #activeIn(slot: string): string | null {
    return this.#deps.store.periods.of(slot).active()?.account ?? null;
  }

  #breakerOf(account: string): Breaker {
    return this.#breakers.get(account) ?? CLOSED;
  }

  #told(session: FleetSession, outcome: RelaunchOutcome): Moved {
    const { store, clock } = this.#deps;
    if (outcome.kind !== "resumed") {
      if (outcome.kind === "silent" && outcome.dialog === "login")
        this.#fail(this.#activeIn(session.slot) ?? "", clock.now());
      const isOccupied = outcome.kind === "draft" || outcome.kind === "dialog";
      return { kind: "notMoved", why: whyNot(outcome), isOccupied };
    }
    const { name } = session;
    const { pid, endedMs, totalMs, source, sessionId } = outcome;
    const account = this.#activeIn(session.slot);
    if (account !== null && this.#breakers.has(account))
      this.#breakers.set(account, afterSuccess(this.#breakerOf(account), clock.now()));
    store.sessions.update(name, { account });
    store.emit("session.relaunched", {
      session: name,
      sessionId,
      source,
      pid,
      account,
      endedMs: Math.round(endedMs),
      totalMs: Math.round(totalMs),
    });
    return { kind: "moved", pid, totalMs };
  }

  #fail(account: string, at: number): void {
    const { store, clock } = this.#deps;
    const before = this.#breakerOf(account);
    const after = afterFailure(before, at);
    this.#breakers.set(account, after);
    const { openUntil } = after;
    if (openUntil === null || openUntil === before.openUntil || openUntil <= clock.now()) return;
    const until = rfc3339(openUntil);
    store.emit("relaunch.stopped", { account, failures: MOST_FAILURES, until });
  }
}

function notMoved(why: string): Moved {
  return { kind: "notMoved", why, isOccupied: false };
}

function whyNot(outcome: Exclude<RelaunchOutcome, { kind: "resumed" }>): string {
  switch (outcome.kind) {
    case "draft":
      return "an unsent draft stands in the composer";
    case "dialog":
      return `a dialog takes the keys: ${outcome.dialog}`;
    case "notDue":
      return "it was left alone";
    case "noPane":
      return "its pane is gone";
    case "stillRuns":
      return `its client was told to end and still runs (process ${outcome.pids.join(", ")})`;
    case "notStarted":
      return outcome.why;
    case "otherConversation":
      return `its client came up with another conversation, ${outcome.sessionId}`;
    case "silent":
      return outcome.dead
        ? "its client ended at its start"
        : `its client did not say that it is up${outcome.dialog === null ? "" : `; it asks: ${outcome.dialog}`}`;
  }
}
