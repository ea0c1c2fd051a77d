import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { slotsWith } from "../config/slots.ts";
import { isBusyServer, isTrouble, movesOn } from "../policy/cut-off.ts";
import { decide } from "../policy/decide.ts";
import type { Decision, Due, Evidence, Observation } from "../policy/model.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import { Spending } from "../policy/spending.ts";
import type { Json } from "../store/json.ts";
import { readProposal, type Proposal } from "../store/proposal.ts";
import type { Store } from "../store/store.ts";
import type { SwitchoverEntry, SwitchoverSession } from "../store/switchovers.ts";
import { readHeld } from "../switchover/held.ts";
import type { SessionToContinue, SwitchoverResult } from "../switchover/model.ts";
import type { Continuer } from "./continuer.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import { drawJitter, observe, policySettings, type HomeLook } from "./observe.ts";
import { GoOn } from "./go-on.ts";
import { Proposals } from "./proposals.ts";
import type { Relauncher } from "./relauncher.ts";
import type { Switcher, SwitchRequest } from "./switcher.ts";
import { Switching } from "./switching.ts";
import { triggerData } from "./told.ts";

export interface ControllerDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly continuer: Pick<Continuer, "continue">;
  readonly relauncher: Pick<Relauncher, "leaves" | "refused">;
  readonly switcher: Pick<Switcher, "begin" | "recover">;
  readonly homes: () => ReadonlyMap<string, HomeLook>;
  /** Why the slot of this name leads to no account, else null. Looked at for every decision. */
  readonly slotProblem: (slot: string) => string | null;
  /** Looks at every home anew. */
  readonly lookAtHomes: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** A fault that ends no request: told to the log and the events. */
  readonly onFault: (what: string, thrown: unknown) => void;
}

/** A pace is read over an hour and more: half a minute later it is the same. */
const FRESH_PACE_MS = 30_000;
/** So long a failover waits for sessions of another slot that are still being continued. */
const PATIENCE_MS = 2_000;
/** A timer may be early. */
const AFTER_MS = 250;

/** What is kept in mind of one slot. */
interface SlotMind {
  readonly name: string;
  readonly proposals: Proposals;
  lastDecision: string;
  alarm: AbortController | null;
}

/**
 * The loop, for every slot by itself: looks, decides (pure), stores the decision, and acts. One
 * switchover at a time, whatever slot it is of.
 */
export class Controller {
  readonly #deps: ControllerDeps;
  readonly #slots = new Map<string, SlotMind>();
  readonly #goOn: GoOn;
  readonly #switching: Switching;
  readonly #spending = new Spending(FRESH_PACE_MS);
  /** The slots in which a turn ended since the last decision. */
  readonly #turnEndedIn = new Set<string>();
  /** Resolved when a failover waits for sessions of another slot that are being continued. */
  #hurry = Promise.withResolvers<void>();
  #isDue = false;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#goOn = new GoOn({ ...deps, lookIn: (ms) => this.#evaluateIn(ms, deps.signal) });
    this.#switching = new Switching({ ...deps, onEnded: () => this.#evaluateNow() });
    drawJitter(deps.store, deps.random);
  }

  /** A turn was cut off. */
  cutOff(session: FleetSession, evidence: Evidence): void {
    this.#deps.relauncher.refused(evidence);
    this.#goOn.tryAnew(session.name);
    if (isBusyServer(evidence)) this.#goOn.backOff(session.name);
    this.evaluateSoon();
  }

  /**
   * A turn went well: the server is not busy for this session any more. Or its client was started
   * anew, with a turn that still is cut off.
   */
  progressed(session: FleetSession): void {
    if (session.live.state !== "idle") return;
    this.#goOn.wentWell(session.name);
    if (session.cutOff !== null && movesOn(session.cutOff)) this.#goOn.tryAnew(session.name);
    this.#turnEndedIn.add(session.slot);
    this.evaluateSoon();
  }

  /** Decides in a moment, once for all that asks for it until then: a fleet tells much at once. */
  evaluateSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#evaluateNow());
  }

  /** Decides once about every slot and acts on it. Cheap: called whenever something may have changed. */
  evaluate(): void {
    const { config, fleet } = this.#deps;
    const turnEndedIn = new Set(this.#turnEndedIn);
    this.#turnEndedIn.clear();
    this.#isDue = false;
    // A turn that was cut off waits; who only leaves beforehand does not.
    const waiting = new Set(
      fleet.list().flatMap(({ slot, cutOff }) => (cutOff === null ? [] : slot)),
    );
    const slots = slotsWith(config, fleet.slots()).toSorted(
      (a, b) => Number(waiting.has(b.name)) - Number(waiting.has(a.name)),
    );
    for (const { name } of slots) this.#evaluateSlot(this.#slot(name), turnEndedIn.has(name));
  }

  #slot(name: string): SlotMind {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const proposals = new Proposals(this.#deps.store, name);
    const slot = { name, proposals, lastDecision: "", alarm: null };
    this.#slots.set(name, slot);
    return slot;
  }

  #evaluateSlot(slot: SlotMind, turnEnded: boolean): void {
    const { config, store, clock, signal, onFault } = this.#deps;
    const active = this.#activeIn(slot.name);
    if (active === undefined || signal.aborted) return;
    this.#goOn.due(slot.name, active);
    slot.proposals.expire(clock.now());
    const observation = this.#observe(slot.name, active, turnEnded);
    const decision = decide(observation, policySettings(config), clock.now());
    const begun = store.transaction(() => {
      this.#remember(slot, decision, observation.evidence);
      if (!this.#isToMove(decision)) return null;
      return this.#switching.begin(this.#requestOf(slot.name, decision));
    });
    if (begun !== null)
      this.#switching.carryOut(begun).catch((thrown: unknown) => onFault("switchover", thrown));
    this.#act(slot, decision);
  }

  /** Whether it is a failover that may begin now. */
  #isToMove(decision: Decision): decision is Extract<Decision, { kind: "failover" }> {
    const { store, clock } = this.#deps;
    if (decision.kind !== "failover" || !this.#switching.isIdle) return false;
    return (
      store.switchovers.open() === null && this.#switching.notBefore(decision.to) <= clock.now()
    );
  }

  #activeIn(slot: string): string | undefined {
    return this.#deps.store.periods.of(slot).active()?.account;
  }

  #observe(slot: string, active: string, turnEnded: boolean): Observation {
    const { config, store, clock, fleet, homes } = this.#deps;
    return observe({
      config,
      store,
      slot,
      active,
      cutOff: [...fleet.suspects(slot), ...this.#cutOffEvidence(slot)],
      homes: homes(),
      fleet,
      turnEnded,
      spending: this.#spending,
      now: clock.now(),
      refused: this.#switching.refused(),
      slotProblem: this.#deps.slotProblem(slot),
    });
  }

  /**
   * The operator's yes to the slot's open proposal: decided once more as of now, and done. Null when
   * nothing was asked; a decision where the reason is gone meanwhile.
   */
  async confirm(slot = SHARED_SLOT): Promise<SwitchoverResult | Decision | null> {
    const { store, config, clock } = this.#deps;
    const active = this.#activeIn(slot);
    if (active === undefined || readProposal(store, slot) === null) return null;
    const settings = { ...policySettings(config), mode: "auto" } as const;
    const decision = decide(this.#observe(slot, active, true), settings, clock.now());
    if (decision.kind !== "failover") return decision;
    this.#slot(slot).proposals.accept();
    return this.switchTo(this.#requestOf(slot, decision));
  }

  /** The operator's no: the account it was about, or null when nothing was asked. */
  decline(slot = SHARED_SLOT): Proposal | null {
    const declined = this.#slot(slot).proposals.decline();
    this.evaluate();
    return declined;
  }

  /** An account was released: what its refusal cut off under it goes on. */
  released(account: string): void {
    for (const { name, cutOff, held, slot } of this.#deps.fleet.list())
      if (!held && cutOff?.account === account && isTrouble(cutOff))
        if (this.#activeIn(slot) === account) this.#goOn.continue(name);
    this.evaluate();
  }

  /**
   * Sessions of the slot whose turn was cut off by a usage limit of `account`, to be continued after a
   * flip; and those at rest that do not follow the slot while they run.
   */
  toContinue(slot: string, account: string): SessionToContinue[] {
    const isCutOff = ({ cutOff }: FleetSession): boolean =>
      cutOff?.account === account && movesOn(cutOff);
    const isToMove = ({ strategy, live }: FleetSession): boolean =>
      strategy === "relaunch" && live.state === "idle";
    return this.#deps.fleet
      .list(slot)
      .filter((each) => !each.held && (isCutOff(each) || isToMove(each)))
      .map(({ name, strategy, live }) => ({ name, strategy, sessionId: live.sessionId }));
  }

  /** Whether a switchover of the slot is being carried out. */
  isSwitching(slot: string): boolean {
    return this.#switching.isSwitching(slot);
  }

  /** Resolves when no switchover is being carried out. */
  async settled(): Promise<void> {
    return this.#switching.settled();
  }

  /** Carries out one switchover and looks at the world again. */
  async switchTo(request: SwitchRequest): Promise<SwitchoverResult> {
    const begun = this.#deps.store.transaction(() => this.#switching.begin(request));
    return this.#switching.carryOut(begun);
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

  /**
   * Ends a switchover that a fault of the journal left open (a full disk, say). A held one is left
   * alone: that needs a person.
   */
  async recoverIfLeftOpen(): Promise<void> {
    const { store, switcher } = this.#deps;
    if (!this.#switching.isIdle || store.switchovers.open() === null) return;
    if (readHeld(store) !== null) return;
    const { action, reason } = await switcher.recover({ dryRun: false, continueSessions: true });
    store.emit("recovery", { action, text: reason });
  }

  /**
   * Continues an entry's sessions side by side and records each as soon as it is known. Resolves before
   * that where the failover of another slot waits for the journal: what comes later is recorded just the
   * same.
   */
  async continueEntry(
    entry: SwitchoverEntry,
    record: (session: SwitchoverSession) => Promise<void>,
  ): Promise<void> {
    const { clock, signal } = this.#deps;
    this.#hurry = Promise.withResolvers();
    const outOfPatience = this.#hurry.promise.then(async () => clock.sleep(PATIENCE_MS, signal));
    const pending = entry.sessions.filter((session) => session.outcome === "pending");
    const all = Promise.all(
      pending.map(async ({ name, strategy }) => {
        const { sessionId, outcome, continuedMs, proof } =
          await this.#deps.continuer.continue(name);
        await record({ name, strategy, sessionId, outcome, continuedMs, proof });
      }),
    );
    // Others may have waited for the flip.
    if (this.#slots.size > 1) this.evaluateSoon();
    await Promise.race([all, outOfPatience]);
  }

  #evaluateIn(ms: number, signal: AbortSignal): void {
    this.#deps.clock.sleep(ms, signal).then(
      () => this.evaluateSoon(),
      () => undefined,
    );
  }

  #cutOffEvidence(slot: string): Evidence[] {
    return this.#deps.fleet
      .list(slot)
      .flatMap(({ cutOff, held }) => (cutOff !== null && !held ? [cutOff] : []))
      .toSorted((a, b) => a.observedAt - b.observedAt);
  }

  /** The same decision about a slot twice in a row is one decision. A part of a transaction. */
  #remember(about: SlotMind, decision: Decision, standing: readonly Evidence[]): void {
    const { store, clock } = this.#deps;
    const { name: slot } = about;
    const key = JSON.stringify([decision.kind, decision.reason]);
    if (key === about.lastDecision) return;
    const { kind, reason, ...rest } = decision;
    const detail = { ...rest, evidence: standing.map(({ id }) => id) };
    store.decisions.add({
      at: clock.now(),
      slot,
      kind,
      ...reason,
      detail: detail as unknown as Json,
    });
    store.emit("decision", { slot, kind, code: reason.code, text: reason.text });
    store.whenDurable(() => (about.lastDecision = key));
  }

  #act(slot: SlotMind, decision: Decision): void {
    const { config, store, clock } = this.#deps;
    const { mode, confirmTimeoutMs } = config.policy;
    if (mode === "confirm")
      slot.proposals.follow(decision, { now: clock.now(), timeoutMs: confirmTimeoutMs });
    switch (decision.kind) {
      case "failover": {
        const open = store.switchovers.open();
        if (open !== null && open.slotName !== slot.name) this.#hurry.resolve();
        const notBefore = this.#switching.notBefore(decision.to);
        if (notBefore > clock.now()) this.#wakeAt(slot, notBefore);
        return;
      }
      case "continue":
        for (const name of decision.sessions) this.#goOn.continue(name);
        return;
      case "stay":
      case "wait":
        if (decision.until !== null) this.#wakeAt(slot, decision.until);
        return;
      case "propose":
        if (mode === "notify") slot.proposals.tell(decision);
        return;
    }
  }

  #requestOf(slot: string, { cause, from, to, trigger }: Due): SwitchRequest {
    const told = trigger === null ? null : triggerData(trigger, this.#cutOffEvidence(slot));
    return { slot, cause, to, trigger: told, sessions: this.toContinue(slot, from) };
  }

  /** Looks again shortly after `at` (epoch ms). */
  #wakeAt(slot: SlotMind, at: number): void {
    const { clock, signal } = this.#deps;
    slot.alarm?.abort();
    const alarm = new AbortController();
    slot.alarm = alarm;
    const ms = Math.max(0, at - clock.now()) + AFTER_MS;
    this.#evaluateIn(ms, AbortSignal.any([alarm.signal, signal]));
  }
}
