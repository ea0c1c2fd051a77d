import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { backoffMs } from "../policy/backoff.ts";
import { isBusyServer, isTrouble, movesOn } from "../policy/cut-off.ts";
import { decide } from "../policy/decide.ts";
import type { Decision, Due, Evidence, Observation } from "../policy/model.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { Spending } from "../policy/spending.ts";
import type { Json } from "../store/json.ts";
import { readProposal, type Proposal } from "../store/proposal.ts";
import type { Store } from "../store/store.ts";
import type { SwitchoverEntry, SwitchoverSession } from "../store/switchovers.ts";
import { readHeld } from "../switchover/held.ts";
import type { SessionToContinue, SwitchoverResult } from "../switchover/model.ts";
import type { Continued, Continuer } from "./continuer.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import { drawJitter, isPaused, observe, policySettings, type HomeLook } from "./observe.ts";
import { pinWith } from "./pin.ts";
import { Proposals } from "./proposals.ts";
import type { Relauncher } from "./relauncher.ts";
import { RefusedTargets } from "./refused-targets.ts";
import type { Switcher, SwitchRequest } from "./switcher.ts";
import { outcomeData, triggerData } from "./told.ts";

export interface ControllerDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly continuer: Pick<Continuer, "continue">;
  readonly relauncher: Pick<Relauncher, "leaves" | "refused">;
  readonly switcher: Pick<Switcher, "execute" | "recover">;
  readonly homes: () => ReadonlyMap<string, HomeLook>;
  /** Why the slot leads to no account, else null. Looked at for every decision. */
  readonly slotProblem: () => string | null;
  /** Looks at every home anew. */
  readonly lookAtHomes: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** A fault that ends no request: told to the log and the events. */
  readonly onFault: (what: string, thrown: unknown) => void;
}

const BUSY_SERVER = { baseMs: 20_000, mostMs: 300_000 };
const RETRY_MS = 60_000;
/** A pace is read over an hour and more: half a minute later it is the same. */
const FRESH_PACE_MS = 30_000;
const OCCUPIED_MS = 5_000;
/** A timer may be early. */
const AFTER_MS = 250;

/** The loop: looks, decides (pure), stores the decision, and acts. One switchover at a time. */
export class Controller {
  readonly #deps: ControllerDeps;
  #lastDecision = "";
  readonly #running = new Set<Promise<unknown>>();
  #alarm: AbortController | null = null;
  readonly #serverTries = new Map<string, number>();
  /** From when a session may be continued (epoch ms); Infinity while it is being. */
  readonly #notBefore = new Map<string, number>();
  readonly #refused = new RefusedTargets();
  readonly #spending = new Spending(FRESH_PACE_MS);
  readonly #proposals: Proposals;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#proposals = new Proposals(deps.store);
    drawJitter(deps.store, deps.random);
  }

  /** A turn was cut off. */
  cutOff(session: FleetSession, evidence: Evidence): void {
    this.#deps.relauncher.refused(evidence);
    this.#tryAnew(session.name);
    if (isBusyServer(evidence)) this.#backOff(session.name);
    this.evaluate();
  }

  /**
   * A turn went well: the server is not busy for this session any more. Or its client was started
   * anew, with a turn that still is cut off.
   */
  progressed(session: FleetSession): void {
    if (session.live.state !== "idle") return;
    this.#serverTries.delete(session.name);
    if (session.cutOff !== null && movesOn(session.cutOff)) this.#tryAnew(session.name);
    this.evaluate({ turnEnded: true });
  }

  /** Something happened to the session since it could not be continued: no use in waiting longer. */
  #tryAnew(name: string): void {
    if (this.#notBefore.get(name) !== Infinity) this.#notBefore.delete(name);
  }

  /** Decides once and acts on it. Cheap: called whenever something may have changed. */
  evaluate({ turnEnded = false } = {}): void {
    const { store, config, clock, signal } = this.#deps;
    const active = store.periods.active()?.account;
    if (active === undefined || signal.aborted) return;
    this.#continueDue(active);
    this.#proposals.expire(clock.now());
    const observation = this.#observe(active, turnEnded);
    const decision = decide(observation, policySettings(config), clock.now());
    this.#remember(decision, observation.evidence);
    this.#act(decision);
  }

  #observe(active: string, turnEnded: boolean): Observation {
    const { config, store, clock, fleet, homes } = this.#deps;
    return observe({
      config,
      store,
      active,
      cutOff: [...fleet.suspects(), ...this.#cutOffEvidence()],
      homes: homes(),
      fleet,
      turnEnded,
      spending: this.#spending,
      now: clock.now(),
      refused: this.#refused.at(clock.now()),
      slotProblem: this.#deps.slotProblem(),
    });
  }

  /**
   * The operator's yes to the open proposal: decided once more as of now, and done. Null when nothing
   * was asked; a decision where the reason is gone meanwhile.
   */
  async confirm(): Promise<SwitchoverResult | Decision | null> {
    const { store, config, clock } = this.#deps;
    const active = store.periods.active()?.account;
    if (active === undefined || readProposal(store) === null) return null;
    const settings = { ...policySettings(config), mode: "auto" } as const;
    const decision = decide(this.#observe(active, true), settings, clock.now());
    if (decision.kind !== "failover") return decision;
    this.#proposals.accept();
    return this.switchTo(this.#requestOf(decision));
  }

  /** The operator's no: the account it was about, or null when nothing was asked. */
  decline(): Proposal | null {
    const declined = this.#proposals.decline();
    this.evaluate();
    return declined;
  }

  /** An account was released: what its refusal cut off under it goes on. */
  released(account: string): void {
    const { fleet, store } = this.#deps;
    if (store.periods.active()?.account === account)
      for (const { name, cutOff, held } of fleet.list())
        if (!held && cutOff?.account === account && isTrouble(cutOff)) this.#continue(name);
    this.evaluate();
  }

  /**
   * Sessions whose turn was cut off by a usage limit of `account`, to be continued after a flip; and
   * those at rest that do not follow the slot while they run.
   */
  toContinue(account: string): SessionToContinue[] {
    const isCutOff = ({ cutOff }: FleetSession): boolean =>
      cutOff?.account === account && movesOn(cutOff);
    const isToMove = ({ strategy, live }: FleetSession): boolean =>
      strategy === "relaunch" && live.state === "idle";
    return this.#deps.fleet
      .list()
      .filter((each) => !each.held && (isCutOff(each) || isToMove(each)))
      .map(({ name, strategy, live }) => ({ name, strategy, sessionId: live.sessionId }));
  }

  /** Whether a switchover is being carried out, also before its first step is written down. */
  get isSwitching(): boolean {
    return this.#running.size > 0;
  }

  /** Resolves when no switchover is being carried out. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Carries out one switchover and looks at the world again. */
  async switchTo(request: SwitchRequest): Promise<SwitchoverResult> {
    const { store, switcher } = this.#deps;
    const work = switcher.execute(request);
    // Before anything that may throw: a rejection that nobody awaits would end the daemon.
    const settled = work.catch(() => undefined);
    this.#running.add(settled);
    let outcome: SwitchoverResult["kind"] | null = null;
    let endPin: ReturnType<typeof pinWith> | null = null;
    try {
      endPin = pinWith(store, request);
      store.emit("switchover.started", { cause: request.cause, to: request.to });
      const result = await work;
      outcome = result.kind;
      store.emit(`switchover.${result.kind}`, {
        cause: request.cause,
        to: request.to,
        ...outcomeData(result),
      });
      return result;
    } finally {
      await settled;
      endPin?.(outcome === "committed");
      await this.#afterSwitchover(request, outcome);
      this.#running.delete(settled);
      this.#evaluateNow();
    }
  }

  /** As `evaluate`, where a fault must not become that of whoever asked for something else. */
  #evaluateNow(): void {
    const { signal, onFault } = this.#deps;
    try {
      this.evaluate();
    } catch (thrown) {
      if (!signal.aborted) onFault("decide", thrown);
    }
  }

  /** What refused once would refuse again and again: look first, and give it some time. */
  async #afterSwitchover(
    { cause, to }: SwitchRequest,
    outcome: SwitchoverResult["kind"] | null,
  ): Promise<void> {
    const { clock, random, lookAtHomes, onFault } = this.#deps;
    if (outcome === "committed") return this.#refused.clear();
    const end = { now: clock.now(), random: random(), isFault: outcome === null };
    if (cause !== "switchover") this.#refused.add(to, end);
    await lookAtHomes().catch((thrown: unknown) => onFault("homes", thrown));
  }

  /**
   * Ends a switchover that a fault of the journal left open (a full disk, say). A held one is left
   * alone: that needs a person.
   */
  async recoverIfLeftOpen(): Promise<void> {
    const { store, switcher } = this.#deps;
    if (this.#running.size > 0 || store.switchovers.open() === null) return;
    if (readHeld(store) !== null) return;
    const { action, reason } = await switcher.recover({ dryRun: false, continueSessions: true });
    store.emit("recovery", { action, text: reason });
  }

  /** Continues an entry's sessions side by side and records each as soon as it is known. */
  async continueEntry(
    entry: SwitchoverEntry,
    record: (session: SwitchoverSession) => void,
  ): Promise<void> {
    const pending = entry.sessions.filter((session) => session.outcome === "pending");
    await Promise.all(
      pending.map(async ({ name, strategy }) => {
        const { sessionId, outcome, continuedMs, proof } =
          await this.#deps.continuer.continue(name);
        record({ name, strategy, sessionId, outcome, continuedMs, proof });
      }),
    );
  }

  /**
   * Turns that go on under the account that is active now: those that another account's limit cut
   * off (a refusal may come after the flip for a request from before it), and those that a busy
   * server did, when they have waited long enough. With them go clients that came to rest only now
   * and do not follow the slot while they run.
   */
  #continueDue(active: string): void {
    const { fleet, store, relauncher } = this.#deps;
    if (isPaused(store)) return;
    for (const session of fleet.list()) {
      const { name, cutOff, held } = session;
      if (held) continue;
      const left = relauncher.leaves(session);
      if (left !== null) this.#continue(name, left);
      if (cutOff === null) continue;
      if (movesOn(cutOff) && cutOff.account !== active) this.#continue(name, cutOff.account);
      if (isBusyServer(cutOff)) this.#continue(name);
    }
  }

  /** What became of it is an event, and a row of the switchover that left `account`, if one did. */
  #continue(name: string, account: string | null = null): void {
    const { clock, continuer, onFault } = this.#deps;
    if (clock.now() < (this.#notBefore.get(name) ?? 0)) return;
    this.#notBefore.set(name, Infinity);
    continuer.continue(name).then(
      (continued) => {
        const { outcome, isOccupied } = continued;
        if (this.#notBefore.get(name) === Infinity) this.#notBefore.delete(name);
        if (account !== null) this.#addToHistory(continued, account);
        if (outcome === "notContinued") this.#retryLater(name, isOccupied ? OCCUPIED_MS : RETRY_MS);
      },
      (thrown: unknown) => {
        this.#retryLater(name, RETRY_MS);
        onFault("continue", thrown);
      },
    );
  }

  /** A turn that was refused after its switchover had been planned belongs to it all the same. */
  #addToHistory(continued: Continued, account: string): void {
    const { store } = this.#deps;
    const entry = store.switchovers.latest();
    if (entry?.from !== account || entry.sessions.some(({ name }) => name === continued.name))
      return;
    const { name, sessionId, outcome, continuedMs, proof } = continued;
    const strategy = this.#deps.fleet.get(name)?.strategy ?? "hot";
    const row = { name, sessionId, outcome, continuedMs, proof, strategy };
    store.switchovers.putSession(entry.id, row);
  }

  /** Look again after `ms` milliseconds, but do not hammer. */
  #retryLater(name: string, ms: number): void {
    const { clock, signal } = this.#deps;
    this.#notBefore.set(name, clock.now() + ms);
    this.#evaluateIn(ms, signal);
  }

  #evaluateIn(ms: number, signal: AbortSignal): void {
    const { clock, onFault } = this.#deps;
    clock
      .sleep(ms, signal)
      .then(() => this.evaluate())
      .catch((thrown: unknown) => {
        if (!signal.aborted) onFault("decide", thrown);
      });
  }

  #cutOffEvidence(): Evidence[] {
    return this.#deps.fleet
      .list()
      .flatMap(({ cutOff, held }) => (cutOff !== null && !held ? [cutOff] : []))
      .toSorted((a, b) => a.observedAt - b.observedAt);
  }

  /** The same decision twice in a row is one decision. */
  #remember(decision: Decision, standing: readonly Evidence[]): void {
    const { store, clock } = this.#deps;
    const key = JSON.stringify([decision.kind, decision.reason]);
    if (key === this.#lastDecision) return;
    const { kind, reason, ...rest } = decision;
    const detail = { ...rest, evidence: standing.map(({ id }) => id) };
    store.transaction(() => {
      store.decisions.add({ at: clock.now(), kind, ...reason, detail: detail as unknown as Json });
      store.emit("decision", { kind, code: reason.code, text: reason.text });
    });
    this.#lastDecision = key;
  }

  #act(decision: Decision): void {
    const { config, clock } = this.#deps;
    const { mode, confirmTimeoutMs } = config.policy;
    if (mode === "confirm")
      this.#proposals.follow(decision, { now: clock.now(), timeoutMs: confirmTimeoutMs });
    switch (decision.kind) {
      case "failover": {
        if (this.#running.size > 0) return;
        const notBefore = this.#refused.notBefore(decision.to);
        if (notBefore > this.#deps.clock.now()) return this.#wakeAt(notBefore);
        this.switchTo(this.#requestOf(decision)).catch((thrown: unknown) =>
          this.#deps.onFault("switchover", thrown),
        );
        return;
      }
      case "continue":
        for (const name of decision.sessions) this.#continue(name);
        return;
      case "stay":
      case "wait":
        if (decision.until !== null) this.#wakeAt(decision.until);
        return;
      case "propose":
        if (mode === "notify") this.#proposals.tell(decision);
        return;
    }
  }

  #requestOf({ cause, from, to, trigger }: Due): SwitchRequest {
    const told = trigger === null ? null : triggerData(trigger, this.#cutOffEvidence());
    return { cause, to, trigger: told, sessions: this.toContinue(from) };
  }

  /** Looks again shortly after `at` (epoch ms). */
  #wakeAt(at: number): void {
    const { clock, signal } = this.#deps;
    this.#alarm?.abort();
    const alarm = new AbortController();
    this.#alarm = alarm;
    const ms = Math.min(Math.max(0, at - clock.now()) + AFTER_MS, 2 ** 31 - 1);
    this.#evaluateIn(ms, AbortSignal.any([alarm.signal, signal]));
  }

  /** The server is busy, the account is not spent: the same turn goes on under it, later. */
  #backOff(name: string): void {
    const { clock, random, store } = this.#deps;
    const attempt = (this.#serverTries.get(name) ?? 0) + 1;
    this.#serverTries.set(name, attempt);
    const ms = backoffMs({ attempt, ...BUSY_SERVER, random: random() });
    store.emit("session.backOff", { session: name, attempt, until: rfc3339(clock.now() + ms) });
    this.#retryLater(name, ms);
  }
}
