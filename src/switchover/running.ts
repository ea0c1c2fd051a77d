import type { Store } from "../store/store.ts";

const running = new WeakSet<Store>();

/** Whether this process is carrying out or recovering a switchover in `store` right now. */
export function isRunning(store: Store): boolean {
  return running.has(store);
}

/**
 * Marks `store` while `work` runs: an open entry then belongs to somebody who is alive, and a
 * recovery leaves it alone.
 */
export async function whileRunning<T>(store: Store, work: () => Promise<T>): Promise<T> {
  running.add(store);
  try {
    return await work();
  } finally {
    running.delete(store);
  }
}
