import { FailoverError } from "../errors.ts";
import type { SimulatedAccount, Turn } from "./model.ts";
import { WINDOWS_A_WEEK } from "./generate.ts";

/** A trace that was read: its turns in order of time. */
export interface Trace {
  /** From its head; null where it has none. */
  readonly accounts: readonly SimulatedAccount[] | null;
  readonly turns: readonly Turn[];
}

/** The format's number, in the head of a trace. */
const TRACE = 1;
const MOST_PROBLEMS = 5;

/**
 * Reads the lines of a trace (docs/simulate.md). Empty lines do not count; turns may come in any
 * order. Throws CF_SIMULATE_TRACE, which names the first wrong lines of `file` with their numbers.
 */
export function parseTrace(lines: Iterable<string>, file: string): Trace {
  const problems: string[] = [];
  const turns: Turn[] = [];
  let accounts: SimulatedAccount[] | null = null;
  let number = 0;
  let isFirst = true;
  for (const line of lines) {
    number += 1;
    if (line.trim() === "") continue;
    try {
      const row = fieldsOf(parseJson(line));
      if ("trace" in row) {
        if (!isFirst) wrong("a head may only be the first line");
        accounts = readHead(row);
      } else turns.push(readTurn(row));
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      problems.push(`line ${number}: ${thrown.message}`);
      if (problems.length === MOST_PROBLEMS) break;
    }
    isFirst = false;
  }
  if (problems.length === 0 && turns.length === 0) problems.push("it holds no turn");
  if (problems.length > 0)
    throw new FailoverError("CF_SIMULATE_TRACE", `${file} is no trace: ${problems.join("; ")}.`, {
      details: { file },
    });
  return { accounts, turns: turns.toSorted((a, b) => a.at - b.at) };
}

/** The lines of a trace, each with its end of line. */
export function* formatTrace({ accounts, turns }: Trace): Generator<string, void, undefined> {
  if (accounts !== null) {
    const told = accounts.map(({ weeklyResetAt, ...rest }) => ({
      ...rest,
      weeklyResetAt: timeText(weeklyResetAt),
    }));
    yield `${JSON.stringify({ trace: TRACE, accounts: told })}\n`;
  }
  for (const { at, session, ms, fiveHour, weekly } of turns)
    yield `${JSON.stringify({ at: timeText(at), session, ms, fiveHour: round(fiveHour), weekly: round(weekly) })}\n`;
}

class Problem extends Error {}

function wrong(message: string): never {
  throw new Problem(message);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return wrong("this is no JSON");
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : wrong("this is no object");
}

function readHead(row: Fields): SimulatedAccount[] | null {
  if (row["trace"] !== TRACE) wrong(`trace is ${String(row["trace"])}, this reads ${TRACE}`);
  const accounts = row["accounts"] ?? null;
  if (accounts === null) return null;
  if (!Array.isArray(accounts) || accounts.length === 0) return wrong("accounts is no list of any");
  const read = accounts.map((each: unknown, index) => readAccount(fieldsOf(each), index));
  const names = new Set(read.map(({ name }) => name));
  return names.size === read.length ? read : wrong("two accounts have the same name");
}

function readAccount(row: Fields, index: number): SimulatedAccount {
  return {
    name: textOf(row, "name"),
    priority: numberOf(row, "priority", { least: 0, missing: index + 1 }),
    capacity: numberOf(row, "capacity", { least: 0.01, missing: 1 }),
    weeklyResetAt: timeOf(row, "weeklyResetAt"),
    paidUsage: row["paidUsage"] === true,
  };
}

function readTurn(row: Fields): Turn {
  const fiveHour = numberOf(row, "fiveHour", { least: 0 });
  return {
    at: timeOf(row, "at"),
    session: textOf(row, "session"),
    ms: numberOf(row, "ms", { least: 0, missing: 0 }),
    fiveHour,
    weekly: numberOf(row, "weekly", { least: 0, missing: fiveHour / WINDOWS_A_WEEK }),
  };
}

function textOf(row: Fields, key: string): string {
  const value = row[key];
  return typeof value === "string" && value !== "" ? value : wrong(`${key} is no text`);
}

function timeOf(row: Fields, key: string): number {
  const value = row[key];
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? wrong(`${key} is no time like 2026-11-21T08:21:12Z`) : at;
}

function numberOf(row: Fields, key: string, rule: { least: number; missing?: number }): number {
  const value = row[key] ?? rule.missing;
  if (typeof value !== "number" || !Number.isFinite(value)) return wrong(`${key} is no number`);
  return value >= rule.least ? value : wrong(`${key} is ${value}, below ${rule.least}`);
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** Six digits are far below what anybody measures. */
function round(points: number): number {
  return Math.round(points * 1e6) / 1e6;
}
