import {
  afterAnswer,
  afterReading,
  afterRefusal,
  freeAgain,
  type KnownWindow,
} from "../policy/exhaustion.ts";
import type { Evidence, LimitWindow } from "../policy/model.ts";
import type { Store } from "../store/store.ts";

/** Keeps what a refusal says of its account's windows, and until when the account is exhausted. */
export function exhaust(store: Store, evidence: Evidence): void {
  keep(store, evidence.account, (windows) => afterRefusal(windows, evidence));
}

/** Keeps a reset that a status line told of a spent window, where its refusal did not say. Epoch ms. */
export function refineReset(
  store: Store,
  told: { account: string; window: LimitWindow; resetsAt: number; at: number },
): void {
  keep(store, told.account, (windows) => afterReading(windows, told));
}

/**
 * Keeps that a turn of the refused session went well under the same account, asked and answered at
 * these instants (epoch ms): the limit is over.
 */
export function relieve(
  store: Store,
  { account, refusal }: Evidence,
  turn: { readonly requestedAt: number; readonly answeredAt: number },
): void {
  keep(store, account, (windows) => afterAnswer(windows, refusal, turn));
}

function keep(
  store: Store,
  account: string,
  change: (windows: readonly KnownWindow[]) => readonly KnownWindow[] | KnownWindow | null,
): void {
  const windows = store.accounts.get(account)?.windows ?? [];
  const changed = [change(windows) ?? []].flat();
  if (changed.length === 0) return;
  const rest = windows.filter((each) => !changed.some(({ window }) => window === each.window));
  store.transaction(() => {
    for (const window of changed) store.accounts.putWindow({ ...window, account });
    store.accounts.setExhausted(account, freeAgain([...rest, ...changed]));
  });
}
