import type { Clock } from "../clock.ts";
import { backoffMs } from "../policy/backoff.ts";
import { isBusyServer, movesOn } from "../policy/cut-off.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { SHARED_SLOT } from "../policy/slot.ts";
import type { Store } from "../store/store.ts";
import type { Continued, Continuer } from "./continuer.ts";
import type { Fleet } from "./fleet.ts";
import { isPaused } from "./observe.ts";
import type { Relauncher } from "./relauncher.ts";

export interface GoOnDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly continuer: Pick<Continuer, "continue">;
  readonly relauncher: Pick<Relauncher, "leaves">;
  readonly random: () => number;
  readonly onFault: (what: string, thrown: unknown) => void;
  /** Has everything looked at again after so many milliseconds. */
  readonly lookIn: (ms: number) => void;
}

const BUSY_SERVER = { baseMs: 20_000, mostMs: 300_000 };
const RETRY_MS = 60_000;
const OCCUPIED_MS = 5_000;

/** Sessions that go on without a switchover, or after theirs; and when each is tried again. */
export class GoOn {
  readonly #deps: GoOnDeps;
  readonly #serverTries = new Map<string, number>();
  /** From when a session may be continued, by the monotonic clock; Infinity while it is being. */
  readonly #notBefore = new Map<string, number>();

  constructor(deps: GoOnDeps) {
    this.#deps = deps;
    deps.fleet.onLeft((name) =>
      [this.#serverTries, this.#notBefore].forEach((of) => of.delete(name)),
    );
  }

  /** Something happened to the session since it could not be continued: no use in waiting longer. */
  tryAnew(name: string): void {
    if (this.#notBefore.get(name) !== Infinity) this.#notBefore.delete(name);
  }

  /** A turn of the session went well. */
  wentWell(name: string): void {
    this.#serverTries.delete(name);
  }

  /**
   * Turns of the slot that go on under the account that is active there now: those that another
   * account's limit cut off (a refusal may come after the flip for a request from before it), and
   * those that a busy server did, when they have waited long enough. With them go clients that came
   * to rest only now and do not follow the slot while they run.
   */
  due(slot: string, active: string): void {
    const { fleet, store, relauncher } = this.#deps;
    if (isPaused(store)) return;
    for (const session of fleet.list(slot)) {
      const { name, cutOff, held } = session;
      if (held) continue;
      const left = relauncher.leaves(session);
      if (left !== null) this.continue(name, left);
      if (cutOff === null) continue;
      if (movesOn(cutOff) && cutOff.account !== active) this.continue(name, cutOff.account);
      if (isBusyServer(cutOff)) this.continue(name);
    }
  }

  /** What became of it is an event, and a row of the switchover that left `account`, if one did. */
  continue(name: string, account: string | null = null): void {
    const { clock, continuer, onFault } = this.#deps;
    if (clock.monotonic() < (this.#notBefore.get(name) ?? 0)) return;
    this.#notBefore.set(name, Infinity);
    continuer.continue(name).then(
      (continued) => {
        const { outcome, isOccupied } = continued;
        if (this.#notBefore.get(name) === Infinity) this.#notBefore.delete(name);
        if (outcome === "notContinued") this.#retryLater(name, isOccupied ? OCCUPIED_MS : RETRY_MS);
        if (account !== null)
          this.#addToHistory(continued, account).catch((thrown: unknown) =>
            onFault("history", thrown),
          );
      },
      (thrown: unknown) => {
        this.#retryLater(name, RETRY_MS);
        onFault("continue", thrown);
      },
    );
  }

  /** The server is busy, the account is not spent: the same turn goes on under it, later. */
  backOff(name: string): void {
    const { clock, random, store } = this.#deps;
    const attempt = (this.#serverTries.get(name) ?? 0) + 1;
    this.#serverTries.set(name, attempt);
    const ms = backoffMs({ attempt, ...BUSY_SERVER, random: random() });
    store.emit("session.backOff", { session: name, attempt, until: rfc3339(clock.now() + ms) });
    this.#retryLater(name, ms);
  }

  /** A turn that was refused after its switchover had been planned belongs to it all the same. */
  async #addToHistory(continued: Continued, from: string): Promise<void> {
    const { store, fleet } = this.#deps;
    const session = fleet.get(continued.name);
    const { name, sessionId, outcome, continuedMs, proof } = continued;
    const strategy = session?.strategy ?? "hot";
    const row = { name, sessionId, outcome, continuedMs, proof, strategy };
    const left = { slotName: session?.slot ?? SHARED_SLOT, from };
    await store.together(() => store.switchovers.addLateSession(left, row));
  }

  /** Look again after `ms` milliseconds, but do not hammer. */
  #retryLater(name: string, ms: number): void {
    const { clock, fleet, lookIn } = this.#deps;
    if (fleet.get(name) === undefined) return;
    this.#notBefore.set(name, clock.monotonic() + ms);
    lookIn(ms);
  }
}
