import { limitTextKind } from "../claude/limit-text.ts";
import { isAuthoritative } from "../policy/evidence.ts";
import { isTrouble } from "../policy/cut-off.ts";
import type { Evidence } from "../policy/model.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { paidUntil } from "../policy/windows.ts";
import { paidKey } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { Quarantine } from "../store/accounts.ts";

/** The code of a quarantine that an operator asked for; others are classes of refusals. */
export const BY_OPERATOR = "operator";
const SNIPPET = 120;

/** A refusal that says its account is of no use keeps the account out until it is released. */
export function quarantineFor(store: Store, evidence: Evidence): void {
  const { account, refusal, observedAt: at, session } = evidence;
  if (!isTrouble(evidence) || !isAuthoritative(evidence)) return;
  if ((store.accounts.get(account)?.quarantine ?? null) !== null) return;
  const words = refusal.text.replaceAll(/\s+/g, " ").trim().slice(0, SNIPPET);
  const text = `${refusal.class} in session ${session}${words === "" ? "" : `: “${words}”`}`;
  quarantine(store, account, { code: refusal.class, text, at });
}

export function quarantine(store: Store, account: string, wanted: Quarantine): void {
  store.accounts.setQuarantine(account, wanted);
  const { code, text } = wanted;
  store.emit("account.quarantined", { account, code, text });
}

/**
 * A turn under the account, asked at `requestedAt` (epoch ms), went well: what a refusal before it
 * said of the account is over. What an operator said is not.
 */
export function liftQuarantine(store: Store, account: string, requestedAt: number): boolean {
  const known = store.accounts.get(account)?.quarantine ?? null;
  if (known === null || known.code === BY_OPERATOR || known.at >= requestedAt) return false;
  release(store, account, "a turn under it went well");
  return true;
}

export function release(store: Store, account: string, text: string): void {
  store.transaction(() => {
    store.accounts.setQuarantine(account, null);
    store.emit("account.released", { account, text });
  });
}

/** The client said at `at` (epoch ms) that the account goes on at a price, if `text` says so. */
export function takePaidUsage(
  store: Store,
  told: { readonly text: string; readonly account: string; readonly at: number },
): boolean {
  const { text, account, at } = told;
  if (limitTextKind(text) !== "transition") return false;
  const until = paidUntil(store.accounts.get(account)?.windows ?? [], at);
  if (paidUntilOf(store, account) === until) return false;
  store.transaction(() => {
    store.meta.set(paidKey(account), String(until));
    store.emit("account.paidUsage", {
      account,
      text: text.slice(0, SNIPPET),
      until: rfc3339(until),
    });
  });
  return true;
}

/** Until when the account's usage is taken to be paid for; epoch ms, or null. */
export function paidUntilOf(store: Store, account: string): number | null {
  const value = store.meta.get(paidKey(account));
  return value === null ? null : Number(value);
}
