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

  /** As TaskQueue.add, a moment later. Rejects with what it throws, or with CF_STORE_* of the commit. */
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
      const outcomes = store.transaction(() => all.map(({ incoming }) => attempt(queue, incoming)));
      for (const [index, outcome] of outcomes.entries()) {
        const told = all[index]?.told;
        if ("added" in outcome) told?.resolve(outcome.added);
        else told?.reject(outcome.thrown);
      }
    } catch (thrown) {
      for (const { told } of all) told.reject(thrown);
    }
  }
}

function attempt(
  queue: TaskQueue,
  incoming: Incoming,
): { readonly added: Enqueued } | { readonly thrown: unknown } {
  try {
    return { added: queue.add(incoming) };
  } catch (thrown) {
    return { thrown };
  }
}
