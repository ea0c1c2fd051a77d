import type { Clock } from "../clock.ts";
import { rfc3339 } from "../clock.ts";
import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

interface Run {
  readonly pid: number;
  readonly startedAt: string;
}

/** Tells of a run before this one that did not end in order: killed, or crashed. */
export function tellLastRun(store: Store): void {
  const text = store.meta.get(META.running);
  if (text === null) return;
  const { pid, startedAt } = JSON.parse(text) as Run;
  store.transaction(() => {
    store.emit("daemon.crashed", { pid, startedAt });
    store.meta.delete(META.running);
  });
}

export function runBegins(store: Store, clock: Clock, version: string): void {
  const run: Run = { pid: process.pid, startedAt: rfc3339(clock.now()) };
  store.transaction(() => {
    store.meta.set(META.running, JSON.stringify(run));
    store.emit("daemon.started", { pid: process.pid, version });
  });
}

/** Ends what has begun; a start that was refused never ran. */
export function runEnds(store: Store): void {
  if (store.meta.get(META.running) === null) return;
  store.transaction(() => {
    store.meta.delete(META.running);
    store.emit("daemon.stopped", { pid: process.pid });
  });
}
