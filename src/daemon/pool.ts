import type { Config } from "../config/config.ts";
import { workerIndexes, workerName } from "../config/workers.ts";
import { poolChange, type PoolWorker } from "../policy/pool.ts";
import { META } from "../store/meta.ts";
import type { Dispatching } from "./dispatching.ts";
import { extraWorkers } from "./kept.ts";
import { endSession, whyLeft, type StopDeps } from "./stop-sessions.ts";

export interface PoolDeps extends StopDeps {
  readonly config: Config;
  readonly dispatching: Pick<Dispatching, "waiting" | "taskOf" | "frozen">;
  /** Sessions are to be begun: look at what runs. */
  readonly onGrown: () => void;
}

/** Lets the pool grow with the work that waits, between its least and its greatest number. */
export class Pool {
  readonly #deps: PoolDeps;
  #isLooking = false;

  constructor(deps: PoolDeps) {
    this.#deps = deps;
  }

  /** Begins and ends what is due. */
  async look(): Promise<void> {
    if (this.#deps.config.sessions.pool === null || this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.#once();
    } finally {
      this.#isLooking = false;
    }
  }

  async #once(): Promise<void> {
    const { config, store, clock, dispatching, onGrown } = this.#deps;
    const { pool } = config.sessions;
    if (pool === null) return;
    const indexes = workerIndexes(pool, extraWorkers(store));
    const { begin, end } = poolChange({
      ...pool,
      isFrozen: dispatching.frozen() !== null,
      waiting: dispatching.waiting(),
      workers: indexes.map((index) => this.#worker(index)),
      now: clock.now(),
    });
    if (begin.length > 0) {
      const sessions = begin.map((index) => this.#nameOf(index));
      store.transaction(() => {
        this.#remember([...indexes.slice(pool.min), ...begin]);
        store.emit("pool.grown", { sessions, waiting: dispatching.waiting() });
      });
      onGrown();
    }
    for (const index of end) await this.#end(index);
  }

  #nameOf(index: number): string {
    const { pool } = this.#deps.config.sessions;
    return pool === null ? "" : workerName(pool, index);
  }

  #worker(index: number): PoolWorker {
    const { fleet, store, dispatching } = this.#deps;
    const name = this.#nameOf(index);
    const session = fleet.get(name);
    const isHindered =
      fleet.whyLeftAlone(name) !== null || fleet.isDraining(name) || session?.kind === "adopted";
    const hasWork = dispatching.taskOf(name) !== null || (session?.cutOff ?? null) !== null;
    const state = session?.live.state ?? "starting";
    const isFree = !isHindered && !hasWork && (state === "idle" || state === "starting");
    // Of a thousand that work, at every task: nothing is read.
    const row = isFree && state === "idle" ? store.sessions.get(name) : null;
    return { index, isFree, idleSince: row?.since ?? null };
  }

  /** Its operator may be typing into it: then it stays. */
  async #end(index: number): Promise<void> {
    const { fleet, store, panes } = this.#deps;
    const name = this.#nameOf(index);
    const session = fleet.get(name);
    if (session === undefined) return;
    const how = { force: false, stayEnded: false };
    if ((await whyLeft(session, await panes.listPanes(), how, this.#deps)) !== null) return;
    if (this.#worker(index).idleSince === null) return;
    const { outcome } = await endSession(session, how, this.#deps);
    if (outcome !== "ended") return;
    store.transaction(() => {
      this.#remember(extraWorkers(store).filter((each) => each !== index));
      fleet.leave(name);
      store.emit("pool.shrunk", { session: name });
    });
  }

  #remember(extra: readonly number[]): void {
    this.#deps.store.meta.set(
      META.poolExtra,
      JSON.stringify([...new Set(extra)].toSorted((a, b) => a - b)),
    );
  }
}
