import { SAME_REFUSAL_MS } from "./evidence.ts";
import type { Evidence, LimitWindow } from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";

/** A status line's reading of one window. Times are epoch ms. */
export interface Reading {
  readonly window: LimitWindow;
  readonly at: number;
  readonly usedPercent: number;
  readonly resetsAt: number | null;
}

/** A text tells whole minutes. */
const SAME_RESET_MS = 60_000;

/**
 * Pure: what an account's signals say against each other, as sentences, oldest first. Nothing is made
 * of it: each stands as it was told, and which one counts where is fixed (`afterRefusal`). `evidence` is the
 * account's, oldest first; of `readings` the last one of each window counts.
 */
export function conflictsOf(options: {
  readonly evidence: readonly Evidence[];
  readonly readings: readonly Reading[];
  readonly now: number;
}): string[] {
  const { evidence, readings, now } = options;
  const limits = evidence.filter(({ refusal }) => refusal.class === "usageLimit");
  const told = limits.flatMap((one, index) =>
    limits
      .slice(index + 1)
      .filter((other) => isSameRefusal(one, other))
      .flatMap((other) => between(one, other)),
  );
  const shown = limits
    .filter(({ refusal }, index) => isLastOf(refusal.window, limits.slice(index + 1)))
    .flatMap((limit) => againstReading(limit, readings, now));
  return [...new Set([...told, ...shown])];
}

function isSameRefusal(one: Evidence, other: Evidence): boolean {
  return (
    one.channel !== other.channel &&
    one.sessionId === other.sessionId &&
    Math.abs(one.observedAt - other.observedAt) <= SAME_REFUSAL_MS &&
    (one.promptId === null || other.promptId === null || one.promptId === other.promptId)
  );
}

function between(one: Evidence, other: Evidence): string[] {
  const [a, b] = [one.refusal, other.refusal];
  const where = `Of the refusal of ${one.session} at ${rfc3339(one.observedAt)}`;
  const says = (each: Evidence, what: string): string => `the ${each.channel} says ${what}`;
  if (isNamed(a.window) && isNamed(b.window) && a.window !== b.window)
    return [`${where} ${says(one, a.window)}, ${says(other, b.window)}.`];
  if (a.resetsAt === null || b.resetsAt === null) return [];
  if (Math.abs(a.resetsAt - b.resetsAt) <= SAME_RESET_MS) return [];
  const [first, second] = [rfc3339(a.resetsAt), rfc3339(b.resetsAt)];
  return [`${where} ${says(one, `reset at ${first}`)}, ${says(other, `at ${second}`)}.`];
}

/** While the limit stands: what a later reading of its window says otherwise. */
function againstReading(
  { refusal, observedAt, channel }: Evidence,
  readings: readonly Reading[],
  now: number,
): string[] {
  const { window, resetsAt } = refusal;
  if (resetsAt === null || resetsAt <= now) return [];
  const reading = readings.findLast((each) => each.window === window && each.at >= observedAt);
  if (reading === undefined) return [];
  const limit = `The ${channel} of ${rfc3339(observedAt)} says that ${window} is spent until ${rfc3339(resetsAt)}`;
  const line = `the status line of ${rfc3339(reading.at)} says`;
  if (reading.usedPercent < 100) return [`${limit}, ${line} ${reading.usedPercent} % used.`];
  return reading.resetsAt === null || Math.abs(reading.resetsAt - resetsAt) <= SAME_RESET_MS
    ? []
    : [`${limit}, ${line} until ${rfc3339(reading.resetsAt)}.`];
}

function isLastOf(window: LimitWindow | null, later: readonly Evidence[]): boolean {
  return isNamed(window) && !later.some(({ refusal }) => refusal.window === window);
}

function isNamed(window: LimitWindow | null): window is LimitWindow {
  return window !== null && window !== "unknown";
}
