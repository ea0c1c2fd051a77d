import type { Evidence, LimitWindow, Refusal } from "../policy/model.ts";
import { exhaustedUntil, spendsWholeAccount } from "../policy/windows.ts";
import type { AccountWindowRow } from "../store/accounts.ts";
import type { Store } from "../store/store.ts";

/** A hook and its row tell one refusal within this time; what is older than that is old news. */
const SAME_REFUSAL_MS = 60_000;
/** A reading of before that may be of the window's last run. */
const FRESH_MS = 600_000;

/**
 * Keeps per window until when a refusal exhausts its account, and from them when the account as a
 * whole is free again. An exact reset replaces a guessed one; an old refusal never a newer one.
 */
export function exhaust(store: Store, { account, refusal, observedAt }: Evidence): void {
  if (refusal.class !== "usageLimit") return;
  const window = refusal.window ?? "unknown";
  const known = store.accounts.get(account)?.windows.find((each) => each.window === window);
  const isExact = refusal.resetsAt !== null;
  if (window === "unknown" && isToldExactly(store, account, observedAt)) return;
  if (known !== undefined && known.observedAt > observedAt + (isExact ? SAME_REFUSAL_MS : 0))
    return;
  const resetsAt = resetOf(refusal, known, observedAt);
  const until = exhaustedUntil({ ...refusal, resetsAt }, observedAt);
  store.accounts.putWindow({
    account,
    window,
    usedPercent: known?.usedPercent ?? null,
    resetsAt,
    exhaustedUntil: until,
    observedAt: Math.max(observedAt, known?.observedAt ?? 0),
  });
  if (isExact && window !== "unknown") forgetGuess(store, account, observedAt);
  settleAccount(store, account);
}

/**
 * The server's own instant first, then a status line's of the same window, then what the client wrote
 * in its text, which is cut to the minute; what the window's last refusal said is better than a guess.
 */
function resetOf(
  refusal: Refusal,
  known: AccountWindowRow | undefined,
  observedAt: number,
): number | null {
  const last = known?.resetsAt ?? null;
  const isRead = (known?.readAt ?? 0) > Math.max(known?.observedAt ?? 0, observedAt - FRESH_MS);
  const read = isRead && last !== null && last > observedAt ? last : null;
  const isServers = refusal.pattern.includes(":quotaLimits");
  return isServers ? (refusal.resetsAt ?? last) : (read ?? refusal.resetsAt ?? last);
}

/**
 * A status line told when a spent window resets, of which its refusal did not say: until then the
 * account is exhausted, and not as long as such a window can last. Times are epoch ms.
 */
export function refineReset(
  store: Store,
  told: { account: string; window: LimitWindow; resetsAt: number; at: number },
): void {
  const { account, window, resetsAt, at } = told;
  const known = store.accounts.get(account)?.windows.find((each) => each.window === window);
  if (known === undefined || (known.exhaustedUntil ?? 0) <= at || resetsAt <= at) return;
  const guessed = exhaustedUntil({ window, resetsAt: null }, known.observedAt);
  if (known.exhaustedUntil !== guessed || resetsAt > guessed) return;
  store.transaction(() => {
    store.accounts.putWindow({ ...known, resetsAt, exhaustedUntil: resetsAt });
    settleAccount(store, account);
  });
}

/**
 * A turn of the same session under the same account went well, asked and answered at these instants
 * (epoch ms): the limit is over. The account is free from the answer on, unless another session was
 * refused after it was asked.
 */
export function relieve(
  store: Store,
  { account, refusal }: Evidence,
  turn: { readonly requestedAt: number; readonly answeredAt: number },
): void {
  if (!spendsWholeAccount(refusal)) return;
  const window = refusal.window ?? "unknown";
  const known = store.accounts.get(account)?.windows.find((each) => each.window === window);
  if (known === undefined || known.observedAt >= turn.requestedAt) return;
  if ((known.exhaustedUntil ?? 0) <= turn.answeredAt) return;
  store.transaction(() => {
    store.accounts.putWindow({ ...known, exhaustedUntil: turn.answeredAt });
    settleAccount(store, account);
  });
}

/** The account as a whole is free again when the last of its own windows is. */
function settleAccount(store: Store, account: string): void {
  const windows = store.accounts.get(account)?.windows ?? [];
  const latest = windows
    .filter((each) => !each.window.startsWith("model:") && each.exhaustedUntil !== null)
    .toSorted((a, b) => (b.exhaustedUntil ?? 0) - (a.exhaustedUntil ?? 0))[0];
  const until = latest?.exhaustedUntil ?? null;
  store.accounts.setExhausted(account, { until, window: latest?.window ?? null });
}

/** A hook names no window; the row of the same refusal does, and what the hook guessed is void. */
function forgetGuess(store: Store, account: string, observedAt: number): void {
  const guess = store.accounts.get(account)?.windows.find((each) => each.window === "unknown");
  if (guess === undefined || Math.abs(guess.observedAt - observedAt) > SAME_REFUSAL_MS) return;
  store.accounts.putWindow({ ...guess, exhaustedUntil: null });
}

/** Whether the row of the same refusal came first: then it has said window and reset already. */
function isToldExactly(store: Store, account: string, observedAt: number): boolean {
  const windows = store.accounts.get(account)?.windows ?? [];
  return windows.some(
    (each) =>
      each.window !== "unknown" &&
      (each.exhaustedUntil ?? 0) > observedAt &&
      Math.abs(each.observedAt - observedAt) <= SAME_REFUSAL_MS,
  );
}
