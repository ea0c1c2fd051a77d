/** Failures that tell against an account, not against one session. Times are epoch milliseconds. */
export interface Breaker {
  /** Of the newest ones, oldest first. */
  readonly failures: readonly number[];
  /** Nothing is tried before this time; null while it is closed. */
  readonly openUntil: number | null;
}

export const CLOSED: Breaker = { failures: [], openUntil: null };

/** So many failures within the window open it. */
export const MOST_FAILURES = 3;
const WINDOW_MS = 120_000;
const OPEN_MS = 300_000;

/** One more failure. The one that opens it again after a pause is the first one: half open. */
export function afterFailure(breaker: Breaker, at: number): Breaker {
  const recent = breaker.failures.filter((each) => at - each < WINDOW_MS);
  const failures = [...recent, at].slice(-MOST_FAILURES);
  const wasOpen = breaker.openUntil !== null;
  const opens = wasOpen ? !isOpen(breaker, at) : failures.length >= MOST_FAILURES;
  return { failures, openUntil: opens ? at + OPEN_MS : breaker.openUntil };
}

export function isOpen(breaker: Breaker, now: number): boolean {
  return breaker.openUntil !== null && now < breaker.openUntil;
}

/** A client came up. After the pause that closes it: the next failure is the first one again. */
export function afterSuccess(breaker: Breaker, at: number): Breaker {
  return breaker.openUntil === null || isOpen(breaker, at) ? breaker : CLOSED;
}
