/**
 * How long to wait before the `attempt`-th try (from 1), in milliseconds: doubling from `baseMs` up
 * to `mostMs`, with up to a quarter of jitter so that a fleet does not come back all at once.
 * `random` is a number in [0, 1) from the caller.
 */
export function backoffMs(options: {
  attempt: number;
  baseMs: number;
  mostMs: number;
  random: number;
}): number {
  const { attempt, baseMs, mostMs, random } = options;
  const doubled = Math.min(mostMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(doubled * (1 + random / 4));
}

/** The longest wait that `mostMs` allows. */
export function longestMs(mostMs: number): number {
  return Math.ceil(mostMs * 1.25);
}
