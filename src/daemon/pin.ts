import { SHARED_SLOT } from "../policy/slot.ts";
import { pinnedKey } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { SwitchoverCause } from "../store/switchovers.ts";

/** The account that an operator moved the slot to, while it is the active one there and was not released. */
export function pinnedTo(store: Store, slot = SHARED_SLOT): string | null {
  const pinned = store.meta.get(pinnedKey(slot));
  return pinned !== null && pinned === store.periods.of(slot).active()?.account ? pinned : null;
}

/**
 * Keeps the pin with a switchover: an operator's sets it, before its first step, so that a death in
 * between leaves what the link says pinned; any other that is committed ends it. Returns what to do
 * when the switchover has ended.
 */
export function pinWith(
  store: Store,
  {
    cause,
    slot,
    to,
  }: { readonly cause: SwitchoverCause; readonly slot: string; readonly to: string },
): (isCommitted: boolean) => void {
  const key = pinnedKey(slot);
  const before = store.meta.get(key);
  if (cause === "switchover") {
    store.meta.set(key, to);
    return (isCommitted) => {
      if (isCommitted) return;
      if (before === null) store.meta.delete(key);
      else store.meta.set(key, before);
    };
  }
  const account = pinnedTo(store, slot);
  return (isCommitted) => {
    if (!isCommitted || before === null) return;
    store.meta.delete(key);
    if (account !== null) store.emit("pin.ended", { slot, account, text: `${cause} to ${to}` });
  };
}

/** Ends the pin; the account that was pinned, or null. */
export function unpin(store: Store, slot: string, text: string): string | null {
  const account = pinnedTo(store, slot);
  store.meta.delete(pinnedKey(slot));
  if (account !== null) store.emit("pin.ended", { slot, account, text });
  return account;
}
