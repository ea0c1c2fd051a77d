import type { Store } from "../store/store.ts";

const KEPT = {
  events: 50_000,
  decisions: 10_000,
  evidenceMs: 90 * 86_400_000,
  usageMs: 60 * 86_400_000,
};

/** The store stays bounded; switchovers are kept for good. `now` is epoch ms. */
export function prune(store: Store, now: number): void {
  store.events.prune(KEPT.events);
  store.decisions.prune(KEPT.decisions);
  store.evidence.prune(now - KEPT.evidenceMs);
  store.usage.prune(now - KEPT.usageMs);
}
