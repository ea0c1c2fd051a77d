import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { Held, SwitchoverRefusal } from "./model.ts";

/** The held state, or null. Shown by `status`, `/healthz` and every notifier. */
export function readHeld(store: Store): Held | null {
  const text = store.meta.get(META.held);
  return text === null ? null : (JSON.parse(text) as Held);
}

/** Makes the held state stick. A state that is held already keeps its `since`. */
export function setHeld(store: Store, held: Held): Held {
  const since = readHeld(store)?.since ?? held.since;
  const sticky = { ...held, since };
  store.meta.set(META.held, JSON.stringify(sticky));
  return sticky;
}

export function clearHeld(store: Store): void {
  store.meta.delete(META.held);
}

/** The refusal every request gets while `held`. */
export function heldRefusal(held: Held): SwitchoverRefusal {
  const { code, message, hint, since, switchoverId } = held;
  return { code, message, hint, details: { since, switchoverId } };
}

/** The held state that `cause` leads to. Its code is always the same; the cause is in the message. */
export function heldBecause(options: {
  cause: SwitchoverRefusal;
  what: string;
  since: number;
  switchoverId: number | null;
}): Held {
  const { cause, what, since, switchoverId } = options;
  return {
    code: "CF_SWITCHOVER_HELD",
    message: `${what}: ${cause.message}`,
    hint: `${cause.hint} Then run claude-failover recover.`,
    since,
    switchoverId,
  };
}
