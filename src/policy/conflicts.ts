import { SAME_REFUSAL_MS, SAME_RESET_MS } from "./evidence.ts";
import type { Evidence, LimitWindow, WindowUsage } from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";

/** A status line's reading of one window. Times are epoch ms. */
export interface Reading {
  readonly window: LimitWindow;
  readonly at: number;
  readonly usedPercent: number;
  readonly resetsAt: number | null;
}

/** Two signals that say different things, as a sentence, and of which windows. */
export interface Conflict {
  readonly text: string;
  readonly windows: readonly LimitWindow[];
}

/**
 * Pure: what an account's signals say against each other, oldest first. Nothing is made of it: each
 * stands as it was told, and which one counts where is fixed (`exhaust`). `evidence` is the account's,
 * oldest first; of `readings` the last one of each window counts.
 */
export function conflictsOf(options: {
  readonly evidence: readonly Evidence[];
  readonly readings: readonly Reading[];
  readonly now: number;
}): Conflict[] {
  const { evidence, readings, now } = options;
  const limits = evidence.filter(({ refusal }) => refusal.class === "usageLimit");
  const told = [...Map.groupBy(limits, ({ sessionId }) => sessionId).values()].flatMap(amongOne);
  const last = new Map(limits.map((limit) => [limit.refusal.window, limit]));
  const shown = [...last].flatMap(([window, limit]) =>
    isNamed(window) ? againstReading(limit, { window, readings, now }) : [],
  );
  const unique = new Map([...told, ...shown].map((each) => [each.text, each]));
  return [...unique.values()];
}

/** Pure: those that still matter: a window they are about counts as spent at `now` (epoch ms). */
export function openConflicts(
  conflicts: readonly Conflict[],
  known: readonly WindowUsage[],
  now: number,
): Conflict[] {
  const spent = known.filter((each) => (each.exhaustedUntil ?? 0) > now);
  return conflicts.filter(({ windows }) => spent.some(({ window }) => windows.includes(window)));
}

/** What the refusals of one session, oldest first, say against each other. */
function amongOne(limits: readonly Evidence[]): Conflict[] {
  return limits.flatMap((one, index) =>
    limits
      .slice(index + 1)
      .filter((other) => isSameRefusal(one, other))
      .flatMap((other) => between(one, other)),
  );
}

function isSameRefusal(one: Evidence, other: Evidence): boolean {
  return (
    one.channel !== other.channel &&
    Math.abs(one.observedAt - other.observedAt) <= SAME_REFUSAL_MS &&
    (one.promptId === null || other.promptId === null || one.promptId === other.promptId)
  );
}

function between(one: Evidence, other: Evidence): Conflict[] {
  const [a, b] = [one.refusal, other.refusal];
  const windows = [a.window ?? "unknown", b.window ?? "unknown"];
  const where = `Of the refusal of ${one.session} at ${rfc3339(one.observedAt)}`;
  const says = (each: Evidence, what: string): string => `the ${each.channel} says ${what}`;
  if (isNamed(a.window) && isNamed(b.window) && a.window !== b.window)
    return [{ text: `${where} ${says(one, a.window)}, ${says(other, b.window)}.`, windows }];
  if (a.resetsAt === null || b.resetsAt === null) return [];
  if (Math.abs(a.resetsAt - b.resetsAt) <= SAME_RESET_MS) return [];
  const [first, second] = [rfc3339(a.resetsAt), rfc3339(b.resetsAt)];
  const text = `${where} ${says(one, `reset at ${first}`)}, ${says(other, `at ${second}`)}.`;
  return [{ text, windows }];
}

/** While the limit stands: what a later reading of its window says otherwise. */
function againstReading(
  { refusal, observedAt, channel }: Evidence,
  told: {
    readonly window: LimitWindow;
    readonly readings: readonly Reading[];
    readonly now: number;
  },
): Conflict[] {
  const { window, readings, now } = told;
  const { resetsAt } = refusal;
  if (resetsAt === null || resetsAt <= now) return [];
  const reading = readings.findLast((each) => each.window === window && each.at >= observedAt);
  if (reading === undefined) return [];
  const limit = `The ${channel} of ${rfc3339(observedAt)} says that ${window} is spent until ${rfc3339(resetsAt)}`;
  const line = `the status line of ${rfc3339(reading.at)} says`;
  const conflict = (text: string): Conflict[] => [{ text, windows: [window] }];
  if (reading.usedPercent < 100)
    return conflict(`${limit}, ${line} ${reading.usedPercent} % used.`);
  return reading.resetsAt === null || Math.abs(reading.resetsAt - resetsAt) <= SAME_RESET_MS
    ? []
    : conflict(`${limit}, ${line} until ${rfc3339(reading.resetsAt)}.`);
}

function isNamed(window: LimitWindow | null): window is LimitWindow {
  return window !== null && window !== "unknown";
}
