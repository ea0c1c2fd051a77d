import type { Forecast, LimitWindow, WindowForecast, WindowUsage } from "./model.ts";

/** One reading of an account's window. `at` and `resetsAt` are epoch ms, percentages 0–100. */
export interface UsageSample {
  readonly at: number;
  readonly usedPercent: number;
  readonly resetsAt: number | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Clients tell the same reset a little apart; resets of different windows lie hours apart. */
const SAME_RESET_MS = 5 * MINUTE_MS;
/** A fall of so many points that so many samples in a row confirm is a reset nobody announced. */
const FALL = { points: 10, samples: 3 };
/** A client rounds to whole points: a smaller rise says little about the pace. */
const LEAST_RISE = 3;
const MOST_POINTS = 120;

/** Readings older than this say nothing for a forecast: the longest look back, and one before it. */
export const FORECAST_MS = 48 * HOUR_MS;

/** How long the window lasts, how far back the pace is read, and what that takes at least. */
function timesOf(window: LimitWindow): { lengthMs: number; horizonMs: number; leastMs: number } {
  if (window === "fiveHour")
    return { lengthMs: 5 * HOUR_MS, horizonMs: HOUR_MS, leastMs: 10 * MINUTE_MS };
  const lengthMs = window === "unknown" || window === "overage" ? Infinity : 168 * HOUR_MS;
  return { lengthMs, horizonMs: 24 * HOUR_MS, leastMs: 2 * HOUR_MS };
}

/**
 * When `window` will be full at the pace of its latest samples, or null when that cannot be said:
 * too few samples, too short a time, too small a rise, or a window that was just reset. Samples may
 * come in any order, with gaps, and with stray values; what is used in a window never falls, so a
 * single lower one is an old answer. Pure; `now` is epoch ms.
 */
export function forecast(
  samples: readonly UsageSample[],
  { window, now }: { readonly window: LimitWindow; readonly now: number },
): Forecast | null {
  const times = timesOf(window);
  const current = currentWindow(samples, times.lengthMs, now);
  if (current === null) return null;
  const from = now - times.horizonMs;
  const line = rising(thinned(atFrom(current.samples, from)));
  const first = line[0];
  const last = line.at(-1);
  if (first === undefined || last === undefined || last.at < from) return null;
  const startAt = Math.max(first.at, from);
  const spanMs = now - startAt;
  if (line.length < 3 || spanMs < times.leastMs) return null;

  const rise = last.level - levelAt(line, startAt);
  const left = 100 - last.level;
  const reachedAt = (points: number): number =>
    points <= 0 ? (left === 0 ? now : Infinity) : now + (left * spanMs) / points;
  const endsAt = current.resetsAt ?? now + times.lengthMs;
  const inTime = (at: number): boolean => at < endsAt && Number.isFinite(at);
  if (rise < LEAST_RISE && left > 0 && inTime(reachedAt(rise + 1))) return null;
  const limitAt = reachedAt(rise);
  return {
    percentPerHour: (rise * HOUR_MS) / spanMs,
    limitAt: inTime(limitAt) ? Math.round(limitAt) : null,
  };
}

/**
 * How long an account with these `windows` lasts when it is spent at the pace of `spending` (the
 * forecasts of the account that is active), in ms: until the first window is full that is not reset
 * before. Infinity when none is; null when no window's percentage and pace are both known. Pure.
 */
export function lastsMs(
  windows: readonly WindowUsage[],
  spending: readonly WindowForecast[],
  now: number,
): number | null {
  let least: number | null = null;
  for (const { window, usedPercent, resetsAt } of windows) {
    const pace = spending.find((each) => each.window === window)?.percentPerHour;
    if (pace === undefined || usedPercent === null) continue;
    const isReset = resetsAt !== null && resetsAt <= now;
    const left = 100 - (isReset ? 0 : usedPercent);
    const fullMs = left === 0 ? 0 : (left * HOUR_MS) / pace;
    const lasts = resetsAt !== null && !isReset && now + fullMs >= resetsAt ? Infinity : fullMs;
    least = Math.min(least ?? Infinity, lasts);
  }
  return least;
}

/**
 * How many percentage points of its week an account is ahead of an even use of it; below zero: behind.
 * The account that is furthest behind is the one whose allowance would otherwise be lost. A week that
 * nobody knows of counts as even. Pure.
 */
export function aheadOfWeek(windows: readonly WindowUsage[], now: number): number {
  const week = windows.find(({ window }) => window === "weekly");
  const endsAt = week?.resetsAt ?? null;
  if (week === undefined || week.usedPercent === null || endsAt === null || endsAt <= now) return 0;
  const lengthMs = timesOf("weekly").lengthMs;
  return week.usedPercent - (100 * (now - (endsAt - lengthMs))) / lengthMs;
}

/** The samples that belong to the window that runs at `now`, oldest first. */
function currentWindow(
  samples: readonly UsageSample[],
  lengthMs: number,
  now: number,
): { samples: readonly UsageSample[]; resetsAt: number | null } | null {
  const sane = samples
    .filter(({ at, usedPercent }) => at <= now && usedPercent >= 0 && usedPercent <= 100)
    .filter(
      ({ at, resetsAt }) =>
        resetsAt === null || (resetsAt > at && resetsAt <= at + lengthMs + SAME_RESET_MS),
    )
    .toSorted((a, b) => a.at - b.at || a.usedPercent - b.usedPercent);
  const resetsAt = sane.reduce<number | null>(
    (latest, each) => (each.resetsAt === null ? latest : Math.max(latest ?? 0, each.resetsAt)),
    null,
  );
  if (resetsAt !== null && resetsAt <= now) return null;
  const own = sane.filter((each) =>
    each.resetsAt === null || resetsAt === null
      ? each.at >= (resetsAt ?? now) - lengthMs
      : each.resetsAt >= resetsAt - SAME_RESET_MS,
  );
  const { start, isOpen } = lastFall(own);
  return isOpen && resetsAt === null ? null : { samples: own.slice(start), resetsAt };
}

/**
 * Where the samples fall for good, 0 if nowhere; open: the last few fell, which may be a stray. They
 * fall below a level that was seen twice, so that one value far too high makes no fall either.
 */
function lastFall(samples: readonly UsageSample[]): { start: number; isOpen: boolean } {
  let start = 0;
  let [highest, second] = [0, 0];
  for (const [index, { usedPercent }] of samples.entries()) {
    const next = samples.slice(index, index + FALL.samples);
    if (next.every((each) => each.usedPercent <= second - FALL.points)) {
      if (next.length < FALL.samples) return { start, isOpen: true };
      start = index;
      [highest, second] = [0, 0];
    }
    if (usedPercent >= highest) [highest, second] = [usedPercent, highest];
    else second = Math.max(second, usedPercent);
  }
  return { start, isOpen: false };
}

/** What lies at or after `from`, and the last sample before it. */
function atFrom(samples: readonly UsageSample[], from: number): readonly UsageSample[] {
  const first = samples.findIndex(({ at }) => at >= from);
  return first === -1 ? samples.slice(-1) : samples.slice(Math.max(0, first - 1));
}

interface Point {
  readonly at: number;
  readonly level: number;
}

/** At most `MOST_POINTS`, each the median of its neighbours in time. */
function thinned(samples: readonly UsageSample[]): Point[] {
  const size = Math.max(1, Math.ceil(samples.length / MOST_POINTS));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const part = samples.slice(index * size, (index + 1) * size);
    return { at: part.at(-1)?.at ?? 0, level: median(part.map((each) => each.usedPercent)) };
  });
}

/** The nearest line that never falls: where it would, neighbours are pooled to their median. */
function rising(points: readonly Point[]): Point[] {
  const pools: { members: Point[]; level: number }[] = [];
  for (const point of points) {
    let pool = { members: [point], level: point.level };
    for (let below = pools.at(-1); below !== undefined && below.level > pool.level;) {
      const members = [...below.members, ...pool.members];
      pool = { members, level: median(members.map(({ level }) => level)) };
      pools.pop();
      below = pools.at(-1);
    }
    pools.push(pool);
  }
  return pools.flatMap(({ members, level }) => members.map(({ at }) => ({ at, level })));
}

/** Between two points the line is straight. */
function levelAt(line: readonly Point[], at: number): number {
  const after = line.findIndex((point) => point.at >= at);
  const right = line[after];
  const left = line[after - 1];
  if (right === undefined) return line.at(-1)?.level ?? 0;
  if (left === undefined || right.at === left.at) return right.level;
  return left.level + ((right.level - left.level) * (at - left.at)) / (right.at - left.at);
}

/** The upper one of two: an old answer is lower, hardly anything is higher than the truth. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
