import type { AccountView, LimitWindow, Refusal, WindowUsage } from "./model.ts";

const HOUR_MS = 3_600_000;

/**
 * How long an account is taken to be exhausted where nobody says when it resets: the longest the
 * window can last, because "unknown" must never be read as "healthy"; five hours for one that has no name.
 * Milliseconds.
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

/** A percentage from before the window's reset says nothing any more: nobody updates a standby's. */
export function usedAt({ usedPercent, resetsAt }: WindowUsage, now: number): number | null {
  return resetsAt !== null && resetsAt <= now ? null : usedPercent;
}

/** Whether one of the `models` that sessions are on draws on this window; false for other windows. */
export function isInUse(window: LimitWindow | null, models: readonly string[]): boolean {
  if (window === null || !window.startsWith("model:")) return false;
  const name = window.slice("model:".length).toLowerCase();
  return models.some((model) => model.toLowerCase().includes(name));
}

/** From which percentage the account is left by this window; null where the window has no ceiling. */
export function ceilingOf(
  account: AccountView,
  window: LimitWindow,
  models: readonly string[],
): number | null {
  if (window === "fiveHour") return account.ceiling.fiveHour;
  // A model's own window is a week's as well.
  return window === "weekly" || isInUse(window, models) ? account.ceiling.weekly : null;
}

/** At such a percentage a window that is not refused any more must be paid for. */
const FULL = 99;

/**
 * Until when an account that began to use paid usage at `at` (epoch ms) goes on doing so: until the
 * last of its full windows is reset; for five hours where none is known to be full.
 */
export function paidUntil(windows: readonly WindowUsage[], at: number): number {
  const resets = windows.flatMap(({ window, usedPercent, resetsAt }) =>
    (window === "fiveHour" || window === "weekly") &&
    (usedPercent ?? 0) >= FULL &&
    resetsAt !== null &&
    resetsAt > at
      ? [resetsAt]
      : [],
  );
  return resets.length === 0 ? at + longest(null) : Math.max(...resets);
}
