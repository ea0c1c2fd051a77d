import type { LimitWindow, Refusal } from "./model.ts";

const HOUR_MS = 3_600_000;

/**
 * How long an account is taken to be exhausted where nobody says when it resets: the longest the
 * window can last, because "unknown" must never be read as "healthy". Milliseconds.
 */
function longest(window: LimitWindow | null): number {
  return window === "weekly" ? 168 * HOUR_MS : 5 * HOUR_MS;
}

/** A reset that was read from a text is told in whole minutes: it may lie up to one in the past. */
const TEXT_GRAIN_MS = 60_000;

/** Until when a usage limit seen at `at` (epoch ms) exhausts its account; epoch ms. */
export function exhaustedUntil(refusal: Pick<Refusal, "resetsAt" | "window">, at: number): number {
  const { resetsAt, window } = refusal;
  if (resetsAt === null || resetsAt <= at - TEXT_GRAIN_MS) return at + longest(window);
  return resetsAt > at ? resetsAt : resetsAt + TEXT_GRAIN_MS;
}

/** Whether the refusal spends the whole account, not one model's allowance (client facts 16). */
export function spendsWholeAccount(refusal: Refusal): boolean {
  return !(refusal.window ?? "unknown").startsWith("model:");
}
