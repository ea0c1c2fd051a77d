import { rfc3339 } from "../clock.ts";
import type { Deliveries, DeliveryOutcome } from "../sessions/deliver.ts";
import type { Store } from "../store/store.ts";
import { nudgeAfterResume } from "./checkpoints.ts";
import type { Fleet, FleetSession } from "./fleet.ts";
import { isPaused } from "./observe.ts";
import type { Moved, Relauncher } from "./relauncher.ts";

/** How one session went on, as the journal and the events tell it. */
export interface Continued {
  readonly name: string;
  readonly sessionId: string | null;
  /** `relaunched`: moved to the active account, where no turn was cut off. */
  readonly outcome: "continued" | "relaunched" | "wentOn" | "notContinued";
  /** From the refusal, as the client wrote it, to the text typed: our own share, milliseconds. */
  readonly typedAfterMs: number | null;
  /** The same to the Enter behind it, which waits until the client shows the text. */
  readonly keysAfterMs: number | null;
  /** When those keys were sent, RFC 3339. */
  readonly sentAt: string | null;
  /** From the refusal to the client's receipt for the prompt, milliseconds. */
  readonly continuedMs: number | null;
  /** The receipt's prompt id, or why there is none. */
  readonly proof: string | null;
  /** The operator's own draft or dialog stands in the way; it may be gone any moment. */
  readonly isOccupied: boolean;
}

type Result = Omit<Continued, "name" | "sessionId">;

export interface ContinuerDeps {
  readonly fleet: Fleet;
  readonly store: Store;
  /** Moves sessions that do not follow the slot while they run. */
  readonly relauncher: Pick<Relauncher, "leaves" | "move">;
  readonly deliveries: Pick<Deliveries, "deliver">;
  /** What is typed to go on. */
  readonly text: string;
}

/** Continues turns that were cut off; one driver per session at a time. */
export class Continuer {
  readonly #deps: ContinuerDeps;
  readonly #busy = new Map<string, Promise<Continued>>();
  /** Why each session could not be continued when it was tried last. */
  readonly #told = new Map<string, string | null>();

  constructor(deps: ContinuerDeps) {
    this.#deps = deps;
    deps.fleet.onLeft((name) => this.#told.delete(name));
  }

  /** Continues the session named, or joins the attempt that is under way. Never rejects. */
  async continue(name: string): Promise<Continued> {
    const running = this.#busy.get(name);
    if (running !== undefined) return running;
    const attempt = this.#run(name).finally(() => this.#busy.delete(name));
    this.#busy.set(name, attempt);
    return attempt;
  }

  async #run(name: string): Promise<Continued> {
    const { fleet, relauncher } = this.#deps;
    const session = fleet.get(name);
    const blocked = this.#whyNot(name);
    if (blocked !== null) return this.#tell(session, name, blocked);
    const refusedAt = session?.cutOff?.observedAt ?? 0;
    const isDue = (): boolean => this.#whyNot(name) === null;
    try {
      const wasEnded = session !== undefined && relauncher.leaves(session) !== null;
      const moved = await this.#moveFirst(name);
      if (moved !== null) return await this.#tell(session, name, moved);
      const text = this.#textFor(name, { wasEnded });
      const target = { session: name, paneId: fleet.get(name)?.paneId ?? "", text, isDue };
      const outcome = await this.#deps.deliveries.deliver(target);
      const result = outcome.kind === "notDue" ? this.#whyNot(name) : wordsOf(outcome, refusedAt);
      return await this.#tell(session, name, result ?? notContinued("it was left alone"));
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return this.#tell(session, name, notContinued(why));
    }
  }

  #textFor(name: string, { wasEnded }: { readonly wasEnded: boolean }): string {
    const { fleet, store, text } = this.#deps;
    const session = fleet.get(name);
    return wasEnded && session !== undefined ? nudgeAfterResume(session, store, text) : text;
  }

  /** Why nothing is to be typed into the session now; null when it is to be continued. */
  #whyNot(name: string): Result | null {
    const { fleet, store, relauncher } = this.#deps;
    const session = fleet.get(name);
    if (session === undefined || session.paneId === null) return notContinued("it has no pane");
    const leftAlone = fleet.whyLeftAlone(name);
    if (leftAlone !== null) return notContinued(leftAlone);
    if (session.cutOff === null && relauncher.leaves(session) === null)
      return { ...notContinued("it went on by itself"), outcome: "wentOn" };
    return isPaused(store) ? notContinued("paused: observing only") : null;
  }

  /** Null when there is a turn to be continued now. */
  async #moveFirst(name: string): Promise<Result | null> {
    const { fleet, relauncher } = this.#deps;
    const before = fleet.get(name);
    if (before === undefined || relauncher.leaves(before) === null) return null;
    const moved = await relauncher.move(name);
    if (moved.kind === "notMoved") return notMoved(moved);
    if (fleet.get(name)?.cutOff !== null) return null;
    const proof = `resumed as process ${moved.pid}`;
    const continuedMs = Math.round(moved.totalMs);
    return { ...notContinued(proof), outcome: "relaunched", continuedMs };
  }

  /** Told once, however often it is tried in vain for the same reason. */
  async #tell(session: FleetSession | undefined, name: string, result: Result): Promise<Continued> {
    const { store } = this.#deps;
    const { isOccupied: _, ...told } = result;
    const isInVain = result.outcome === "notContinued";
    const isNews = !isInVain || this.#told.get(name) !== result.proof;
    if (isInVain) this.#told.set(name, result.proof);
    else this.#told.delete(name);
    const type = isInVain ? "session.notContinued" : "session.continued";
    if (isNews) await store.together(() => store.emit(type, { session: name, ...told }));
    return { name, sessionId: session?.live.sessionId ?? null, ...result };
  }
}

function notContinued(why: string): Result {
  return {
    outcome: "notContinued",
    proof: why,
    typedAfterMs: null,
    keysAfterMs: null,
    sentAt: null,
    continuedMs: null,
    isOccupied: false,
  };
}

function notMoved({ why, isOccupied }: Extract<Moved, { kind: "notMoved" }>): Result {
  return { ...notContinued(why), isOccupied };
}

function wordsOf(result: Exclude<DeliveryOutcome, { kind: "notDue" }>, refusedAt: number): Result {
  switch (result.kind) {
    case "delivered": {
      const { receipt, typedAt, sentAt } = result;
      return {
        outcome: "continued",
        proof: receipt.promptId ?? `${receipt.channel} receipt`,
        typedAfterMs: typedAt === 0 ? null : sinceThen(typedAt, refusedAt),
        keysAfterMs: sinceThen(sentAt, refusedAt),
        sentAt: rfc3339(sentAt),
        continuedMs: sinceThen(receipt.at, refusedAt),
        isOccupied: false,
      };
    }
    case "draft":
      return { ...notContinued("an unsent draft stands in the composer"), isOccupied: true };
    case "dialog":
      return { ...notContinued(`a dialog takes the keys: ${result.dialog}`), isOccupied: true };
    case "busy":
      return notContinued("a turn runs in it");
    case "noComposer":
      return {
        ...notContinued("no composer was seen: something else is open there"),
        isOccupied: true,
      };
    case "noReceipt":
      return notContinued(`the client took no prompt in ${result.attempts} attempts`);
  }
}

function sinceThen(at: number, refusedAt: number): number {
  return Math.round((at - refusedAt) * 10) / 10;
}
