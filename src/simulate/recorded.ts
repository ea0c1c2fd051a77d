import type { UsageSample } from "../policy/forecast.ts";
import type { LimitWindow } from "../policy/model.ts";
import type { SimulatedAccount, Turn } from "./model.ts";
import type { Trace } from "./trace.ts";

/** A reading of a window, as it was recorded. */
export interface Reading extends UsageSample {
  readonly window: LimitWindow;
}

/** A rise between two readings was work of so many minutes at most; before that nobody worked. */
const MOST_MS = 10 * 60_000;
const SAME_RESET_MS = 5 * 60_000;
/** Where no reset is told, a fall of so many points is one. */
const FALL_POINTS = 10;

/**
 * What was used, by the readings of each account in the order in which they are preferred, as a
 * trace. Which session used it is not recorded, so all of it is one session's, `fleet`. Pure.
 */
export function traceOf(
  accounts: readonly { readonly name: string; readonly readings: readonly Reading[] }[],
): Trace {
  const turns = accounts.flatMap(({ readings }) => turnsOf(readings));
  return {
    accounts: accounts.map(({ name, readings }, index) => accountOf(name, index + 1, readings)),
    turns: turns.toSorted((a, b) => a.at - b.at),
  };
}

function accountOf(name: string, priority: number, readings: readonly Reading[]): SimulatedAccount {
  const week = readings.findLast(
    ({ window, resetsAt }) => window === "weekly" && resetsAt !== null,
  );
  const weeklyResetAt = week?.resetsAt ?? readings[0]?.at ?? 0;
  return { name, priority, capacity: 1, weeklyResetAt, paidUsage: false };
}

function turnsOf(readings: readonly Reading[]): Turn[] {
  const levels = { fiveHour: new Level(), weekly: new Level() };
  const turns: Turn[] = [];
  let before: number | null = null;
  const byTime = Map.groupBy(readings, ({ at }) => at);
  for (const [at, told] of [...byTime].toSorted(([a], [b]) => a - b)) {
    const rise = { fiveHour: 0, weekly: 0 };
    for (const reading of told) {
      const { window } = reading;
      if (window === "fiveHour" || window === "weekly")
        rise[window] += levels[window].rise(reading);
    }
    if (rise.fiveHour > 0 || rise.weekly > 0) {
      const ms = Math.min(MOST_MS, at - (before ?? at));
      turns.push({ at: at - ms, session: "fleet", ms, ...rise });
    }
    before = at;
  }
  return turns;
}

/** The highest of a window so far: what is used never falls, a lower reading is an old answer. */
class Level {
  #percent: number | null = null;
  #resetsAt: number | null = null;

  /** By how many points the reading is above; what was used before the first one is not known. */
  rise({ usedPercent, resetsAt }: Reading): number {
    const known = resetsAt !== null && this.#resetsAt !== null;
    const isOld = known && resetsAt < (this.#resetsAt ?? 0) - SAME_RESET_MS;
    if (isOld) return 0;
    const isAnew = known
      ? resetsAt > (this.#resetsAt ?? 0) + SAME_RESET_MS
      : usedPercent <= (this.#percent ?? 0) - FALL_POINTS;
    const from = isAnew ? 0 : (this.#percent ?? usedPercent);
    this.#percent = Math.max(from, usedPercent);
    this.#resetsAt = resetsAt ?? this.#resetsAt;
    return this.#percent - from;
  }
}
