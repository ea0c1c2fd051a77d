import type { Evidence } from "../policy/model.ts";
import { exhaustedUntil, spendsWholeAccount } from "../policy/windows.ts";
import type { Store } from "../store/store.ts";

/** A hook and its row tell one refusal within this time; what is older than that is old news. */
const SAME_REFUSAL_MS = 60_000;

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
  const until = exhaustedUntil(refusal, observedAt);
  store.accounts.putWindow({
    account,
    window,
    usedPercent: known?.usedPercent ?? null,
    resetsAt: refusal.resetsAt ?? known?.resetsAt ?? null,
    exhaustedUntil: until,
    observedAt,
  });
  if (isExact && window !== "unknown") forgetGuess(store, account, observedAt);
  if (!spendsWholeAccount(refusal)) return;
  const windows = store.accounts.get(account)?.windows ?? [];
  const latest = windows
    .filter((each) => !each.window.startsWith("model:") && each.exhaustedUntil !== null)
    .toSorted((a, b) => (b.exhaustedUntil ?? 0) - (a.exhaustedUntil ?? 0))[0];
  if (latest !== undefined)
    store.accounts.setExhausted(account, { until: latest.exhaustedUntil, window: latest.window });
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
