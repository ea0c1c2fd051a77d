import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import type { Enqueued, Incoming, TaskQueue } from "./queue.ts";

interface Waiting {
  readonly incoming: Incoming;
  readonly told: PromiseWithResolvers<Enqueued>;
}

/**
 * Takes tasks in that are asked for at the same time in one durable commit: what a disk can sync a
 * second bounds commits, not tasks. Whoever asks is answered after the commit.
 */
export class GroupCommit {
  readonly #deps: { readonly queue: TaskQueue; readonly store: Store; readonly clock: Clock };
  #waiting: Waiting[] = [];

  constructor(deps: { readonly queue: TaskQueue; readonly store: Store; readonly clock: Clock }) {
    this.#deps = deps;
  }

  /** As TaskQueue.add, a moment later. What one of them throws all are told: none was taken in. */
  async add(incoming: Incoming): Promise<Enqueued> {
    const told = Promise.withResolvers<Enqueued>();
    this.#waiting.push({ incoming, told });
    if (this.#waiting.length === 1) {
      await this.#deps.clock.sleep(0);
      this.#commit();
    }
    return told.promise;
  }

  #commit(): void {
    const { store, queue } = this.#deps;
    const all = this.#waiting;
    this.#waiting = [];
    try {
      const outcomes = store.transaction(() => all.map(({ incoming }) => queue.add(incoming)));
      for (const [index, outcome] of outcomes.entries()) all[index]?.told.resolve(outcome);
    } catch (thrown) {
      // Also of one task alone: a full disk undoes all that is in the transaction.
      for (const { told } of all) told.reject(thrown);
    }
  }
}
