import type { Evidence, WindowForecast } from "../policy/model.ts";
import { Spending } from "../policy/spending.ts";
import { exhaustedUntil } from "../policy/windows.ts";
import { AccountUsage } from "./account.ts";
import { Agenda } from "./agenda.ts";
import { Measure } from "./measure.ts";
import type { Outcome, SimulatedAccount, SimulatedPolicy, Turn } from "./model.ts";
import { observationOf } from "./observation.ts";

const WEEK_MS = 168 * 3_600_000;
/** How often it is decided although nothing happened. */
const TICK_MS = 10 * 60_000;
/** How long a trace goes on after its last turn would have ended. */
const GRACE_MS = TICK_MS;
/** How long a pace is kept: reading it anew at every look takes most of the time. */
const FRESH_PACE_MS = 30 * 60_000;
/** From a decision to the first request under the new account. */
const SWITCH_MS = 2_000;
/** What a turn loses when a limit cuts it off: the answer that was under way is begun again. */
const CUT_OFF_MS = 20_000;
/** A session under another account reads its conversation without a cache once, in points. */
const COLD_POINTS = { fiveHour: 0.2, weekly: 0.02 };

interface Session {
  readonly name: string;
  readonly queue: Turn[];
  running: Run | null;
  /** The turn that a limit refused, and since when it waits. */
  blocked: { readonly run: Run; readonly since: number; readonly evidence: Evidence } | null;
  isCold: boolean;
  /** When everything so far would have been done without limits. */
  idealEnd: number;
}

/** The rest of a turn. */
interface Run {
  readonly startedAt: number;
  readonly ms: number;
  readonly fiveHour: number;
  readonly weekly: number;
  readonly idealEnd: number;
}

type Due =
  | { readonly kind: "end"; readonly session: Session; readonly run: Run }
  | { readonly kind: "resume"; readonly session: Session }
  | { readonly kind: "look" }
  | { readonly kind: "tick" };

/** One policy's life with a trace; `advance` goes on until an instant, so that a caller may breathe. */
export class Simulation {
  readonly #policy: SimulatedPolicy;
  readonly #turns: Iterator<Turn>;
  readonly #accounts: ReadonlyMap<string, AccountUsage>;
  readonly #sessions = new Map<string, Session>();
  readonly #agenda = new Agenda<Due>();
  readonly #measure = new Measure();
  readonly #begin: number;
  /** The same for every policy: what is not done by then is unfinished. */
  #end = 0;
  #next: Turn | undefined;
  #active: string;
  #lastSwitchAt: number | null = null;
  #activeSince: number;
  readonly #spending = new Spending(FRESH_PACE_MS);
  #lookAt = Infinity;
  #fullAt = Infinity;
  #evidenceCount = 0;
  #now: number;

  /** Turns must come in order of time; `accounts` must not be empty. */
  constructor(options: {
    readonly policy: SimulatedPolicy;
    readonly accounts: readonly SimulatedAccount[];
    readonly turns: Iterable<Turn>;
  }) {
    const { policy, accounts, turns } = options;
    this.#policy = policy;
    this.#turns = turns[Symbol.iterator]();
    this.#next = this.#pull();
    this.#begin = this.#next?.at ?? 0;
    this.#now = this.#begin;
    this.#activeSince = this.#begin;
    this.#accounts = new Map(
      accounts.map((each) => [each.name, new AccountUsage(each, this.#begin)]),
    );
    this.#active = accounts.toSorted((a, b) => a.priority - b.priority)[0]?.name ?? "";
    if (this.#next !== undefined) this.#agenda.add(this.#begin + TICK_MS, { kind: "tick" });
  }

  /** Weeks since the first turn. */
  get weeks(): number {
    return (this.#now - this.#begin) / WEEK_MS;
  }

  /** Goes on for `weeks` more, at most to the end of the trace; false when that is reached. */
  advance(weeks: number): boolean {
    const until = this.#now + weeks * WEEK_MS;
    for (;;) {
      const dueAt = this.#agenda.nextAt;
      const wantedAt = this.#next?.at ?? Infinity;
      const at = Math.min(dueAt, wantedAt, this.#fullAt);
      if (this.#next === undefined && at > this.#end) {
        this.#now = Math.min(until, this.#end);
        return until < this.#end;
      }
      if (at > until) {
        this.#now = until;
        return true;
      }
      this.#now = at;
      if (this.#fullAt <= at) this.#cutOff();
      else if (wantedAt <= dueAt) this.#want();
      else this.#happen();
      this.#fullAt = Math.max(at + 1, this.#activeUsage().mayBeFullAt(at));
    }
  }

  /** What came out so far. */
  outcome(): Outcome {
    const waiting = [...this.#sessions.values()].map(({ blocked }) => blocked);
    const open = waiting.reduce(
      (sum, each) => sum + (each === null ? 0 : this.#now - each.since),
      0,
    );
    const outcome = this.#measure.outcome(this.#policy.name, this.weeks);
    const used = { usedPoints: 0, paidPoints: 0 };
    for (const account of this.#accounts.values()) {
      used.usedPoints += account.usedPoints;
      used.paidPoints += account.paidPoints;
    }
    return { ...outcome, ...used, blockedMinutes: outcome.blockedMinutes + open / 60_000 };
  }

  #pull(): Turn | undefined {
    const { value, done } = this.#turns.next();
    if (done === true) return undefined;
    this.#end = Math.max(this.#end, value.at + value.ms + GRACE_MS);
    return value;
  }

  #want(): void {
    const turn = this.#next;
    if (turn === undefined) return;
    this.#next = this.#pull();
    this.#measure.turns += 1;
    const session = this.#sessionOf(turn.session);
    session.queue.push(turn);
    this.#startNext(session);
  }

  #happen(): void {
    const due = this.#agenda.take()?.what;
    switch (due?.kind) {
      case "end":
        if (due.session.running === due.run) this.#finish(due.session, due.run);
        return;
      case "resume":
        return this.#resume(due.session);
      case "look":
        this.#lookAt = Infinity;
        return this.#decide();
      case "tick":
        this.#agenda.add(this.#now + TICK_MS, due);
        return this.#decide();
      case undefined:
        return;
    }
  }

  #startNext(session: Session): void {
    if (session.running !== null || session.blocked !== null) return;
    const turn = session.queue.shift();
    if (turn === undefined) return;
    const idealEnd = Math.max(turn.at, session.idealEnd) + turn.ms;
    session.idealEnd = idealEnd;
    const { fiveHour, weekly } = turn;
    const ms = Math.max(1, turn.ms);
    this.#start(session, { startedAt: this.#now, ms, fiveHour, weekly, idealEnd });
  }

  #start(session: Session, wanted: Run): void {
    if (this.#activeUsage().fullWindow(this.#now) !== null) return this.#refuse(session, wanted);
    const cold = session.isCold ? COLD_POINTS : { fiveHour: 0, weekly: 0 };
    session.isCold = false;
    const run: Run = {
      ...wanted,
      startedAt: this.#now,
      fiveHour: wanted.fiveHour + cold.fiveHour,
      weekly: wanted.weekly + cold.weekly,
    };
    session.running = run;
    this.#activeUsage().begin(run, this.#now);
    this.#agenda.add(this.#now + run.ms, { kind: "end", session, run });
  }

  #finish(session: Session, run: Run): void {
    session.running = null;
    const account = this.#activeUsage();
    account.end(run, this.#now);
    account.tell(this.#now);
    this.#measure.finish(this.#now - run.idealEnd);
    this.#decide({ turnEnded: true });
    this.#startNext(session);
  }

  /** At a limit: the next requests of turns under way are refused, unless the fleet moves first. */
  #cutOff(): void {
    for (const session of this.#sessions.values()) {
      const account = this.#activeUsage();
      if (account.fullWindow(this.#now) === null) return;
      const { running } = session;
      if (running === null) continue;
      account.tell(this.#now);
      this.#measure.cutOff += 1;
      this.#refuse(session, this.#stop(session, running, CUT_OFF_MS));
    }
  }

  /** What is left of a run that ends here. */
  #stop(session: Session, run: Run, extraMs: number): Run {
    session.running = null;
    this.#activeUsage().end(run, this.#now);
    return rest(run, Math.min(1, (this.#now - run.startedAt) / run.ms), extraMs);
  }

  #refuse(session: Session, run: Run): void {
    const account = this.#activeUsage();
    const full = account.fullWindow(this.#now);
    if (full === null) return this.#start(session, run);
    const evidence: Evidence = {
      id: `e${(this.#evidenceCount += 1)}`,
      channel: "row",
      session: session.name,
      sessionId: session.name,
      promptId: null,
      account: this.#active,
      refusal: { class: "usageLimit", ...full, pattern: "simulated", text: "" },
      requestedAt: this.#now,
      observedAt: this.#now,
    };
    const until = exhaustedUntil(evidence.refusal, this.#now);
    account.exhaustedUntil = Math.max(account.exhaustedUntil ?? 0, until);
    session.blocked = { run, since: this.#now, evidence };
    this.#decide();
  }

  #decide({ turnEnded = false } = {}): void {
    const decision = this.#policy.decide(
      observationOf({
        active: this.#active,
        accounts: [...this.#accounts.values()],
        policy: this.#policy,
        now: this.#now,
        evidence: this.#evidence(),
        lastSwitchAt: this.#lastSwitchAt,
        activeSince: this.#activeSince,
        atTurnEnd: turnEnded || !this.#isBusy(),
        spending: this.#pace(),
      }),
      this.#now,
    );
    switch (decision.kind) {
      case "failover":
        return this.#switchTo(decision.to);
      case "continue":
        for (const name of decision.sessions) this.#resume(this.#sessionOf(name));
        return;
      case "stay":
      case "wait":
        return this.#lookAgain(decision.until);
      case "propose":
        return;
    }
  }

  #pace(): readonly WindowForecast[] {
    if (!this.#policy.readsPace) return [];
    const usage = this.#activeUsage();
    return this.#spending.of(this.#active, this.#now, () => usage.readings(this.#now));
  }

  #lookAgain(until: number | null): void {
    if (until === null || until >= this.#lookAt) return;
    this.#lookAt = Math.max(until, this.#now + 1);
    this.#agenda.add(this.#lookAt, { kind: "look" });
  }

  /** Turns under way go on with the new account from their next request on. */
  #switchTo(to: string): void {
    if (!this.#accounts.has(to) || to === this.#active) return;
    const moving: [Session, Run][] = [];
    for (const session of this.#sessions.values()) {
      const run = session.running;
      if (run !== null) moving.push([session, this.#stop(session, run, 0)]);
      session.isCold = true;
    }
    this.#active = to;
    this.#lastSwitchAt = this.#now;
    this.#activeSince = this.#now;
    this.#measure.switches += 1;
    for (const [session, run] of moving) this.#start(session, run);
    for (const session of this.#sessions.values())
      if (session.blocked !== null)
        this.#agenda.add(this.#now + SWITCH_MS, { kind: "resume", session });
  }

  #resume(session: Session): void {
    const { blocked } = session;
    if (blocked === null) return;
    session.blocked = null;
    this.#measure.blockedMs += this.#now - blocked.since;
    this.#start(session, blocked.run);
    this.#startNext(session);
  }

  #evidence(): Evidence[] {
    const found: Evidence[] = [];
    for (const { blocked } of this.#sessions.values())
      if (blocked !== null) found.push(blocked.evidence);
    return found.length < 2 ? found : found.toSorted((a, b) => a.observedAt - b.observedAt);
  }

  #isBusy(): boolean {
    for (const { running } of this.#sessions.values()) if (running !== null) return true;
    return false;
  }

  #activeUsage(): AccountUsage {
    const usage = this.#accounts.get(this.#active);
    if (usage === undefined) throw new Error(`no account ${this.#active}`);
    return usage;
  }

  #sessionOf(name: string): Session {
    const known = this.#sessions.get(name);
    if (known !== undefined) return known;
    const session = { name, queue: [], running: null, blocked: null, isCold: false, idealEnd: 0 };
    this.#sessions.set(name, session);
    return session;
  }
}

/** What is left of a run of which `share` is done. */
function rest(run: Run, share: number, extraMs: number): Run {
  const left = 1 - share;
  return {
    startedAt: run.startedAt,
    ms: Math.max(1, Math.round(run.ms * left)) + extraMs,
    fiveHour: run.fiveHour * left,
    weekly: run.weekly * left,
    idealEnd: run.idealEnd,
  };
}
