import { SAME_REFUSAL_MS } from "./evidence.ts";
import type { Evidence, LimitWindow, Refusal } from "./model.ts";
import { exhaustedUntil, spendsWholeAccount } from "./windows.ts";

/** What is known of one window of an account. Times are epoch ms. */
export interface KnownWindow {
  readonly window: LimitWindow;
  readonly usedPercent: number | null;
  readonly resetsAt: number | null;
  readonly exhaustedUntil: number | null;
  /** When a refusal told of it last; 0 while none did. */
  readonly observedAt: number;
  /** When a status line told of it last; null while none did. */
  readonly readAt: number | null;
}

/** A reading of before that may be of the window's last run. */
const FRESH_MS = 600_000;

/**
 * Pure: the windows that a refusal of their account changes, as they are after it. An exact reset
 * replaces a guessed one; an old refusal never a newer one.
 */
export function afterRefusal(
  windows: readonly KnownWindow[],
  { refusal, observedAt }: Pick<Evidence, "refusal" | "observedAt">,
): KnownWindow[] {
  if (refusal.class !== "usageLimit") return [];
  const window = refusal.window ?? "unknown";
  const known = windows.find((each) => each.window === window);
  const isExact = refusal.resetsAt !== null;
  if (window === "unknown" && isToldExactly(windows, observedAt)) return [];
  if ((known?.observedAt ?? 0) > observedAt + (isExact ? SAME_REFUSAL_MS : 0)) return [];
  const resetsAt = resetOf(refusal, known, observedAt);
  const told: KnownWindow = {
    window,
    usedPercent: known?.usedPercent ?? null,
    resetsAt,
    exhaustedUntil: exhaustedUntil({ window, resetsAt }, observedAt),
    observedAt: Math.max(observedAt, known?.observedAt ?? 0),
    readAt: known?.readAt ?? null,
  };
  return isExact && window !== "unknown" ? [told, ...withoutGuess(windows, observedAt)] : [told];
}

/**
 * Pure: the window of which a status line told when it resets, where its refusal did not say: until
 * then it is spent, and not as long as such a window can last. Null where that changes nothing.
 */
export function afterReading(
  windows: readonly KnownWindow[],
  told: { readonly window: LimitWindow; readonly resetsAt: number; readonly at: number },
): KnownWindow | null {
  const { window, resetsAt, at } = told;
  const known = windows.find((each) => each.window === window);
  if (known === undefined || resetsAt <= at) return null;
  const guessed = exhaustedUntil({ window, resetsAt: null }, known.observedAt);
  if (known.exhaustedUntil !== guessed || resetsAt > guessed) return null;
  return { ...known, resetsAt, exhaustedUntil: resetsAt };
}

/**
 * Pure: the window of a refusal after a turn of the same session under the same account went well,
 * asked and answered at these instants: free from the answer on, unless another session was refused
 * after it was asked. Null where that changes nothing.
 */
export function afterAnswer(
  windows: readonly KnownWindow[],
  refusal: Refusal,
  turn: { readonly requestedAt: number; readonly answeredAt: number },
): KnownWindow | null {
  if (!spendsWholeAccount(refusal)) return null;
  const known = windows.find((each) => each.window === (refusal.window ?? "unknown"));
  if (known === undefined || known.observedAt >= turn.requestedAt) return null;
  if ((known.exhaustedUntil ?? 0) <= turn.answeredAt) return null;
  return { ...known, exhaustedUntil: turn.answeredAt };
}

/** Pure: when the account as a whole is free again: with the last of its own windows; null at once. */
export function freeAgain(windows: readonly KnownWindow[]): {
  readonly until: number | null;
  readonly window: LimitWindow | null;
} {
  const latest = windows
    .filter((each) => !each.window.startsWith("model:") && each.exhaustedUntil !== null)
    .toSorted((a, b) => (b.exhaustedUntil ?? 0) - (a.exhaustedUntil ?? 0))[0];
  return { until: latest?.exhaustedUntil ?? null, window: latest?.window ?? null };
}

/**
 * The server's own instant first, then a status line's of the same window, then what the client wrote
 * in its text, which is cut to the minute; what the window's last refusal said is better than a guess.
 */
function resetOf(
  refusal: Refusal,
  known: KnownWindow | undefined,
  observedAt: number,
): number | null {
  const last = known?.resetsAt ?? null;
  const isRead = (known?.readAt ?? 0) > Math.max(known?.observedAt ?? 0, observedAt - FRESH_MS);
  const read = isRead && last !== null && last > observedAt ? last : null;
  const isServers = refusal.pattern.includes(":quotaLimits");
  return isServers ? (refusal.resetsAt ?? last) : (read ?? refusal.resetsAt ?? last);
}

/** A hook names no window; the row of the same refusal does, and what the hook guessed is void. */
function withoutGuess(windows: readonly KnownWindow[], observedAt: number): KnownWindow[] {
  return windows
    .filter(({ window }) => window === "unknown")
    .filter((guess) => Math.abs(guess.observedAt - observedAt) <= SAME_REFUSAL_MS)
    .map((guess) => ({ ...guess, exhaustedUntil: null }));
}

/** Whether the row of the same refusal came first: then it has said window and reset already. */
function isToldExactly(windows: readonly KnownWindow[], observedAt: number): boolean {
  return windows.some(
    (each) =>
      each.window !== "unknown" &&
      (each.exhaustedUntil ?? 0) > observedAt &&
      Math.abs(each.observedAt - observedAt) <= SAME_REFUSAL_MS,
  );
}
