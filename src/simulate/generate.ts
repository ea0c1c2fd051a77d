import type { SimulatedAccount, Turn } from "./model.ts";
import { randomFrom, type Random } from "./random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

/** A Monday, 00:00 UTC. */
const BEGIN = Date.UTC(2026, 0, 5);

/** How many full five-hour windows a week's allowance holds. */
export const WINDOWS_A_WEEK = 10;

export interface Demand {
  readonly sessions: number;
  readonly weeks: number;
  readonly seed: number;
  /** Share of all accounts' weekly allowance that is wanted in a mean week. */
  readonly load: number;
  readonly accounts: readonly SimulatedAccount[];
}

/** Accounts whose weeks begin at different times, in the order in which they are preferred. */
export function generateAccounts(
  count: number,
  { seed, capacities = [1], paidUsage = false }: AccountWishes,
): SimulatedAccount[] {
  const random = randomFrom(seed ^ 0x5eed);
  return Array.from({ length: count }, (_, index) => ({
    name: `account${index + 1}`,
    priority: index + 1,
    capacity: capacities[index % capacities.length] ?? 1,
    weeklyResetAt: BEGIN + Math.floor(random.next() * 168) * HOUR_MS,
    paidUsage,
  }));
}

interface AccountWishes {
  readonly seed: number;
  readonly capacities?: readonly number[];
  readonly paidUsage?: boolean;
}

/**
 * Turns in order of time: every other session is a person's (office hours, pauses for thinking), the
 * rest are workers (any hour, one turn after the other, for hours). The same for the same demand.
 */
export function* generateTurns(demand: Demand): Generator<Turn, void, undefined> {
  const { sessions, weeks, seed, load, accounts } = demand;
  const capacity = accounts.reduce((sum, each) => sum + each.capacity, 0);
  const wanted = load * WINDOWS_A_WEEK * 100 * capacity;
  const perMinute = wanted / Math.max(1, meanMinutes({ sessions, seed }));
  for (let week = 0; week < weeks; week++) {
    const turns = weekOf({ sessions, seed, week }).map((turn) => {
      const fiveHour = turn.weight * (turn.ms / MINUTE_MS) * perMinute;
      const { at, ms, session } = turn;
      return { at, session, ms, fiveHour, weekly: fiveHour / WINDOWS_A_WEEK };
    });
    yield* turns;
  }
}

interface Stretch {
  readonly at: number;
  readonly session: string;
  readonly ms: number;
  readonly weight: number;
}

interface WeekWanted {
  readonly sessions: number;
  readonly seed: number;
  readonly week: number;
}

/** Weighted minutes of work in a week, by some weeks of the same kind. */
function meanMinutes({ sessions, seed }: { sessions: number; seed: number }): number {
  const sample = [0, 1, 2, 3].map((week) =>
    weekOf({ sessions, seed, week }).reduce((sum, each) => sum + each.weight * each.ms, 0),
  );
  return sample.reduce((sum, each) => sum + each, 0) / sample.length / MINUTE_MS;
}

function weekOf({ sessions, seed, week }: WeekWanted): Stretch[] {
  const begin = BEGIN + week * WEEK_MS;
  const all = Array.from({ length: sessions }, (_, index) => {
    const random = randomFrom(Math.imul(seed + 1, 0x9e3779b1) ^ (week * 1009 + index * 31));
    return index % 2 === 0
      ? personsWeek(random, { begin, session: `ccl-${index + 1}` })
      : workersWeek(random, { begin, session: `ccl-auto-${index + 1}` });
  });
  return all.flat().toSorted((a, b) => a.at - b.at);
}

interface Where {
  readonly begin: number;
  readonly session: string;
}

function personsWeek(random: Random, { begin, session }: Where): Stretch[] {
  return [0, 1, 2, 3, 4, 5, 6].flatMap((day) => {
    if (random.next() > (day < 5 ? 0.9 : 0.15)) return [];
    const from = begin + day * DAY_MS + random.between(7.5, 10) * HOUR_MS;
    const until = from + random.between(6, 10) * HOUR_MS;
    const lunch = from + random.between(3, 4.5) * HOUR_MS;
    const weight = random.skewed(1, 0.4);
    const before = stretches(random, {
      session,
      from,
      until: lunch,
      weight,
      pauseMs: 4 * MINUTE_MS,
    });
    const after = { session, from: lunch + HOUR_MS, until, weight, pauseMs: 4 * MINUTE_MS };
    return [...before, ...stretches(random, after)];
  });
}

function workersWeek(random: Random, { begin, session }: Where): Stretch[] {
  const found: Stretch[] = [];
  let from = begin + random.waiting(10 * HOUR_MS);
  while (from < begin + WEEK_MS) {
    const until = Math.min(begin + WEEK_MS, from + random.skewed(1.5 * HOUR_MS, 0.7));
    const weight = random.skewed(1, 0.4);
    found.push(...stretches(random, { session, from, until, weight, pauseMs: MINUTE_MS / 3 }));
    from = until + random.waiting(10 * HOUR_MS);
  }
  return found;
}

function stretches(
  random: Random,
  job: { session: string; from: number; until: number; weight: number; pauseMs: number },
): Stretch[] {
  const found: Stretch[] = [];
  const { session, until, weight, pauseMs } = job;
  let at = job.from;
  while (at < until) {
    const ms = Math.round(Math.min(40 * MINUTE_MS, random.skewed(3 * MINUTE_MS, 0.8)));
    found.push({ at: Math.round(at), session, ms, weight: weight * random.skewed(1, 0.3) });
    at += ms + random.waiting(pauseMs);
  }
  return found;
}
