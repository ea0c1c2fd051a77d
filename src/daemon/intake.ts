import { randomUUID } from "node:crypto";
import type { HookSignal } from "../claude/hooks.ts";
import type { TranscriptRow } from "../claude/transcript.ts";
import { chargedAccount, isOfEarlierTurn } from "../policy/evidence.ts";
import type { Evidence, EvidenceChannel, Refusal } from "../policy/model.ts";
import type { Receipts } from "../sessions/receipts.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import type { AccountPeriods } from "../store/account-periods.ts";
import type { Store } from "../store/store.ts";
import { exhaust, relieve } from "./exhaust.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import { liftQuarantine, quarantineFor, takePaidUsage } from "./quarantine.ts";

/** A refusal before it is known whose it was. Times are epoch ms. */
interface RawRefusal {
  readonly id: string;
  readonly channel: EvidenceChannel;
  readonly refusal: Refusal;
  readonly sessionId: string;
  readonly promptId: string | null;
  /** When it was refused. */
  readonly at: number;
  /** When the request was made, if the channel says so. */
  readonly requestedAt: number | null;
}

export interface IntakeDeps {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly receipts: Receipts;
  /**
   * A turn of the session was cut off; `evidence` says by what. Told once per refusal. As all that is
   * told here, once it is durable; it must not throw.
   */
  readonly onCutOff: (session: FleetSession, evidence: Evidence) => void;
  /** A row said more exactly what a hook had told, say when the limit is reset. */
  readonly onRefined: () => void;
  /** A session's hook told something else than a refusal. */
  readonly onProgress: (session: FleetSession) => void;
}

/**
 * What a session's rows told of its last request. `at` is the row that caused it: the client reads
 * the account's login after it and before the request is sent, so that a flip after it leaves the
 * request with the old account as far as anybody can tell. At worst a turn is continued once more.
 */
interface LastRequest {
  readonly at: number;
  readonly promptId: string | null;
}

/**
 * The request of a session whose answer, or refusal for its usage, came last: what the server says of
 * windows comes with these alone. Epoch ms.
 */
export interface AnsweredRequest {
  readonly sessionId: string;
  readonly requestedAt: number;
}

/** A busy server and a dead login tell nothing of windows: the client goes on showing what it knew. */
function isOfUsage(row: TranscriptRow): boolean {
  return row.kind === "refusal" && row.refusal.class === "usageLimit";
}

/** Turns what the channels tell into sessions' states and into evidence. */
export class Intake {
  readonly #deps: IntakeDeps;
  /** Hook refusals whose account only the transcript row can tell. */
  readonly #waiting = new Map<string, RawRefusal>();
  /** Each session of which something is to be announced, as it was before. */
  readonly #unannounced = new Map<string, FleetSession>();
  #isQuiet = false;
  readonly #requests = new Map<string, LastRequest>();
  readonly #answered = new Map<string, AnsweredRequest>();
  /** The usage limit that each session met last. */
  readonly #limits = new Map<string, Evidence>();

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    deps.fleet.onLeft((name) => {
      for (const known of [this.#waiting, this.#requests, this.#answered, this.#limits])
        known.delete(name);
    });
  }

  /**
   * One hook payload of `name`, written at `at` (epoch ms), in one durable commit. Acted on once that
   * is made: what is told within one transaction is acted on as one.
   */
  hook(name: string, signal: HookSignal, at: number): void {
    this.#deps.store.transaction(() => this.#hook(name, signal, at));
  }

  #hook(name: string, signal: HookSignal, at: number): void {
    const { fleet, store, onProgress } = this.#deps;
    const session = fleet.signal(name, signal, at);
    if (session === undefined) return;
    if (signal.kind !== "turnRefused") {
      this.#tell(session, signal, at);
      store.whenDurable(() => onProgress(session));
      return;
    }
    // A sub-agent's failure is not the session's own (client facts 12).
    if (signal.agentId !== null) return;
    const { refusal, sessionId, promptId } = signal;
    const id = randomUUID();
    this.#refused(name, {
      id,
      channel: "hook",
      refusal,
      sessionId,
      promptId,
      at,
      requestedAt: null,
    });
    this.#announce(name, session);
  }

  /**
   * Rows of the transcript of `name`, in file order. A refusal counts only if nothing after it in
   * the same batch ended it: the end of a long transcript tells many that are long over. Durable and
   * acted on as a hook is.
   */
  rows(name: string, rows: readonly TranscriptRow[]): void {
    const { fleet, store } = this.#deps;
    const before = fleet.get(name);
    if (before === undefined) return;
    store.transaction(() => {
      for (const row of rows) if (row.sessionId === before.live.sessionId) this.#row(name, row);
      this.#announce(name, before);
    });
  }

  /**
   * Takes in what `work` tells without acting on it, then acts on what is left at its end: what was
   * written while no daemon ran tells of limits that are over since.
   */
  quietly<T>(work: () => T): T {
    this.#isQuiet = true;
    try {
      return work();
    } finally {
      this.#isQuiet = false;
      for (const name of this.#unannounced.keys()) this.#announceNow(name);
    }
  }

  /** Whether a hook's refusal of `name` still waits for its row. */
  isWaiting(name: string): boolean {
    return this.#waiting.has(name);
  }

  /** A hook of `name` whose row never came: charged to the account that was active `at` (epoch ms). */
  settle(name: string, at: number): void {
    const raw = this.#waiting.get(name);
    const session = this.#deps.fleet.get(name);
    const account = session === undefined ? null : this.#periodsIn(session.name).accountAt(at);
    this.#waiting.delete(name);
    if (raw === undefined || session === undefined || account === null) return;
    if (isOfEarlierTurn(raw, session.live.lastPrompt)) return;
    this.#record(session, raw, account);
    this.#announce(name, session);
  }

  /** The last request of `name` whose answer stands in its transcript, or null. */
  answered(name: string): AnsweredRequest | null {
    return this.#answered.get(name) ?? null;
  }

  /** Which account was active when in the slot of the session named. */
  #periodsIn(name: string): AccountPeriods {
    return this.#deps.store.periods.of(this.#deps.fleet.get(name)?.slot ?? SHARED_SLOT);
  }

  #noteAnswer(name: string, { sessionId }: TranscriptRow): void {
    const requestedAt = this.#requests.get(name)?.at;
    if (requestedAt !== undefined) this.#answered.set(name, { sessionId, requestedAt });
  }

  #row(name: string, row: TranscriptRow): void {
    const { fleet, receipts } = this.#deps;
    if (row.kind === "answer" || isOfUsage(row)) this.#noteAnswer(name, row);
    switch (row.kind) {
      case "prompt": {
        const { text, promptId, at } = row;
        this.#requests.set(name, { at, promptId });
        fleet.prompted(name, { promptId, text, at });
        receipts.add({ session: name, text, promptId, channel: "row", at });
        return;
      }
      case "toolResult": {
        const promptId = this.#requests.get(name)?.promptId ?? null;
        this.#requests.set(name, { at: row.at, promptId });
        return;
      }
      case "answer":
        fleet.answered(name, row.at);
        fleet.worksWith(name, row.model);
        this.#relieve(name, row.at);
        return;
      case "refusal": {
        const request = this.#requests.get(name);
        this.#refused(name, {
          id: row.uuid,
          channel: "row",
          refusal: row.refusal,
          sessionId: row.sessionId,
          promptId: request?.promptId ?? null,
          at: row.at,
          requestedAt: request?.at ?? null,
        });
        return;
      }
      case "notice":
        this.#noticed(name, row);
        return;
      // Written when the request goes out, which may be long after the client read whose it is.
      case "request":
      case "other":
        return;
    }
  }

  /** A later successful turn of the same session means that its limit is over (client facts 11). */
  #relieve(name: string, answeredAt: number): void {
    const { store } = this.#deps;
    const limit = this.#limits.get(name);
    const requestedAt = this.#requests.get(name)?.at ?? null;
    if (requestedAt === null) return;
    const periods = this.#periodsIn(name).list();
    // Somewhere between the two the request went out: with a flip there it may be either's.
    const [account, later] = [requestedAt, answeredAt].map((at) =>
      chargedAccount({ requestedAt: at, promptAt: null, periods }),
    );
    if (account === undefined || account === null || account !== later) return;
    liftQuarantine(store, account, requestedAt);
    if (limit === undefined || limit.account !== account || requestedAt <= limit.observedAt) return;
    this.#limits.delete(name);
    relieve(store, limit, { requestedAt, answeredAt });
  }

  /** The client's own notice: it may say that the account goes on at a price. */
  #noticed(name: string, { text, at }: { readonly text: string; readonly at: number }): void {
    const { store, onRefined } = this.#deps;
    const account = this.#periodsIn(name).accountAt(at);
    if (account !== null && takePaidUsage(store, { text, account, at }))
      store.whenDurable(onRefined);
  }

  /** What a hook tells besides refusals: receipts for those who wait, events for those who watch. */
  #tell(session: FleetSession, signal: HookSignal, at: number): void {
    const { receipts, store } = this.#deps;
    const { name } = session;
    if (signal.kind === "promptSubmitted") {
      const { prompt, promptId } = signal;
      receipts.add({ session: name, text: prompt, promptId, channel: "hook", at });
    }
    if (signal.kind === "sessionStarted")
      store.emit("session.started", {
        session: name,
        sessionId: signal.sessionId,
        source: signal.source,
      });
    if (signal.kind === "notified" && session.live.state === "asking")
      this.#deps.fleet.asks(name, signal.message);
  }

  /** Charges a refusal to an account; a hook that cannot tell which waits for its row. */
  #refused(name: string, raw: RawRefusal): void {
    const { fleet, store } = this.#deps;
    const session = fleet.get(name);
    if (session === undefined) return;
    const { lastPrompt } = session.live;
    if (raw.channel === "hook" && isOfEarlierTurn(raw, lastPrompt)) return;
    const account = chargedAccount({
      requestedAt: raw.requestedAt,
      promptAt: lastPrompt?.at ?? null,
      periods: this.#periodsIn(session.name).list(),
      refused: {
        refusal: raw.refusal,
        at: raw.at,
        exhaustedUntil: (name) => store.accounts.get(name)?.exhaustedUntil ?? null,
        resetOf: (name, window) =>
          store.accounts.get(name)?.windows.find((each) => each.window === window)?.resetsAt ??
          null,
      },
    });
    if (account === null) {
      this.#waiting.set(name, raw);
      return;
    }
    this.#waiting.delete(name);
    this.#record(session, raw, account);
  }

  #record(session: FleetSession, raw: RawRefusal, account: string): void {
    const { fleet, store } = this.#deps;
    const { id, channel, refusal, sessionId, promptId, at } = raw;
    const requestedAt = raw.requestedAt ?? session.live.lastPrompt?.at ?? at;
    const evidence: Evidence = {
      id,
      channel,
      session: session.name,
      sessionId,
      promptId,
      account,
      refusal,
      requestedAt,
      observedAt: at,
    };
    // One durable commit for all of it: this is the path from a limit to its continuation.
    store.transaction(() => {
      if (store.evidence.add(evidence)) {
        const { class: of, window } = refusal;
        store.emit("refusal", { session: session.name, class: of, window, account, channel });
        exhaust(store, evidence);
        quarantineFor(store, evidence);
      }
      fleet.cutOff(session.name, evidence);
    });
    if (refusal.class === "usageLimit") this.#limits.set(session.name, evidence);
  }

  /** What `name` is after all that is told together, next to what it was `before`. */
  #announce(name: string, before: FleetSession): void {
    if (!this.#unannounced.has(name)) this.#unannounced.set(name, before);
    if (!this.#isQuiet) this.#deps.store.whenDurable(() => this.#announceNow(name));
  }

  /** Tells a cut-off turn once: a row that repeats what the hook told is no news. */
  #announceNow(name: string): void {
    const before = this.#unannounced.get(name);
    this.#unannounced.delete(name);
    const session = this.#deps.fleet.get(name);
    const evidence = session?.cutOff ?? null;
    if (before === undefined || session === undefined || evidence === null) return;
    const promptedAt = session.live.lastPrompt?.at ?? 0;
    const isKnown =
      before.cutOff?.account === evidence.account && promptedAt <= before.cutOff.observedAt;
    if (!isKnown) this.#deps.onCutOff(session, evidence);
    else if (before.cutOff?.id !== evidence.id) this.#deps.onRefined();
  }
}
