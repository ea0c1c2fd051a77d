/** One session of the pool that is kept now. Times are epoch ms. */
export interface PoolWorker {
  /** Counted from the pool's first one, 0. */
  readonly index: number;
  /** It can be given a task, now or as soon as it is up. */
  readonly isFree: boolean;
  /** Since when it has had nothing to do; null where it must not be ended. */
  readonly idleSince: number | null;
}

export interface PoolView {
  /** Sessions that always run, and that run at most. */
  readonly min: number;
  readonly max: number;
  /** How long a session beyond the least number may have nothing to do, milliseconds. */
  readonly shrinkAfterMs: number;
  /** Whether nothing may be given out now. */
  readonly isFrozen: boolean;
  /** Tasks that wait for nothing but a session. */
  readonly waiting: number;
  readonly workers: readonly PoolWorker[];
  readonly now: number;
}

/** Which sessions of the pool are to be begun, and which are to be ended; by their index. */
export interface PoolChange {
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

/**
 * Pure: the pool grows by as many sessions as tasks wait in vain, and loses those beyond its least
 * number that had nothing to do for long, the last first. One that is free counts against a task that
 * waits, so that a task which nobody can do neither fills the pool nor keeps it full.
 */
export function poolChange(view: PoolView): PoolChange {
  const { min, max, waiting, workers, now, shrinkAfterMs } = view;
  const free = workers.filter(({ isFree }) => isFree).length;
  const taken = new Set(workers.map(({ index }) => index));
  const room = Math.max(0, max - taken.size);
  const wanted = view.isFrozen ? 0 : Math.min(room, Math.max(0, waiting - free));
  const unused = Array.from({ length: max }, (_, index) => index).filter((at) => !taken.has(at));
  const spare = Math.max(0, free - waiting);
  const end = workers
    .filter(({ index, isFree, idleSince }) => {
      const isLong = idleSince !== null && now - idleSince >= shrinkAfterMs;
      return index >= min && isFree && isLong;
    })
    .map(({ index }) => index)
    .toSorted((a, b) => b - a)
    .slice(0, spare);
  return { begin: unused.filter((index) => index >= min).slice(0, wanted), end };
}
