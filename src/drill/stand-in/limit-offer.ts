import { resetText } from "./refusal.ts";
import type { QuotaLimits } from "./refusal.ts";

/** What the client offers after a usage limit. */
export type LimitOffer =
  /** It will continue by itself at the reset; the prompt stays usable. */
  | { readonly kind: "armed"; readonly until: string }
  /** A menu that takes the keys. */
  | { readonly kind: "menu"; readonly until: string }
  | { readonly kind: "none" };

const DAY_MS = 86_400_000;

/**
 * A limit that ends within a day is waited for, unless the operator switched that off; any other
 * opens the menu, once per reset time (measured, 2.1.328). `seen` are the reset times that had one.
 */
export function limitOffer(options: {
  quota: QuotaLimits;
  autoContinue: boolean;
  /** Epoch milliseconds. */
  now: number;
  seen: ReadonlySet<number>;
}): LimitOffer {
  const { quota, now } = options;
  if (quota.resetsAt === undefined) return { kind: "none" };
  const until = resetText(quota.resetsAt, now, false);
  const isSoon = quota.resetsAt * 1000 - now <= DAY_MS;
  if (isSoon && options.autoContinue) return { kind: "armed", until };
  return options.seen.has(quota.resetsAt) ? { kind: "none" } : { kind: "menu", until };
}
