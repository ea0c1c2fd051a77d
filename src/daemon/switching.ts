import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import type { CarryOut } from "../switchover/execute.ts";
import type { SwitchoverResult } from "../switchover/model.ts";
import { pinWith } from "./pin.ts";
import { RefusedTargets } from "./refused-targets.ts";
import type { Switcher, SwitchRequest } from "./switcher.ts";
import { outcomeData } from "./told.ts";

export interface SwitchingDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly switcher: Pick<Switcher, "begin">;
  readonly random: () => number;
  /** Looks at every home anew. */
  readonly lookAtHomes: () => Promise<void>;
  readonly onFault: (what: string, thrown: unknown) => void;
  /** A switchover ended, however it did; must not throw. */
  readonly onEnded: () => void;
}

/** A switchover that is written down. */
interface Begun {
  readonly request: SwitchRequest;
  readonly carryOut: CarryOut;
  readonly endPin: ReturnType<typeof pinWith>;
  readonly ended: PromiseWithResolvers<void>;
}

/** Switchovers as the daemon has them done, and what it remembers of those that were refused. */
export class Switching {
  readonly #deps: SwitchingDeps;
  /** Those under way, and the slot of each. */
  readonly #running = new Map<Promise<void>, string>();
  readonly #refused = new RefusedTargets();

  constructor(deps: SwitchingDeps) {
    this.#deps = deps;
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Whether a switchover of the slot is being carried out. */
  isSwitching(slot: string): boolean {
    return [...this.#running.values()].includes(slot);
  }

  /** Resolves when no switchover is being carried out. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.keys());
  }

  /** From when an automatic switchover to the account may be tried; epoch ms, 0 for at once. */
  notBefore(account: string): number {
    return this.#refused.notBefore(account);
  }

  /** The accounts that refused themselves a moment ago. */
  refused(): readonly string[] {
    return this.#refused.at(this.#deps.clock.now());
  }

  /**
   * Writes down what is to be done, as a part of the caller's transaction: a decision and the intent
   * that follows from it are one commit. `carryOut` must follow once it is durable.
   */
  begin(request: SwitchRequest): Begun {
    const { store, switcher } = this.#deps;
    const { slot, cause, to } = request;
    const ended = Promise.withResolvers<void>();
    const carryOut = switcher.begin(request);
    const endPin = pinWith(store, request);
    // Before the event is told: who hears it waits for the end.
    store.whenDurable(() => this.#running.set(ended.promise, slot));
    store.emit("switchover.started", { slot, cause, to });
    return { request, carryOut, endPin, ended };
  }

  /** Does what was begun, tells how it ended, and looks at the world again. */
  async carryOut({ request, carryOut, endPin, ended }: Begun): Promise<SwitchoverResult> {
    const { store, onEnded } = this.#deps;
    const { slot, cause, to } = request;
    let outcome: SwitchoverResult["kind"] | null = null;
    try {
      const result = await carryOut();
      outcome = result.kind;
      store.emit(`switchover.${result.kind}`, { slot, cause, to, ...outcomeData(result) });
      return result;
    } finally {
      try {
        endPin(outcome === "committed");
      } finally {
        ended.resolve();
        await this.#learn(request, outcome);
        this.#running.delete(ended.promise);
        onEnded();
      }
    }
  }

  /** What refused once would refuse again and again: look first, and give it some time. */
  async #learn(
    { cause, to }: SwitchRequest,
    outcome: SwitchoverResult["kind"] | null,
  ): Promise<void> {
    const { clock, random, lookAtHomes, onFault } = this.#deps;
    if (outcome === "committed") return this.#refused.clear();
    const end = { now: clock.now(), random: random(), isFault: outcome === null };
    if (cause !== "switchover") this.#refused.add(to, end);
    await lookAtHomes().catch((thrown: unknown) => onFault("homes", thrown));
  }
}
