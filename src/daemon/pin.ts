import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { SwitchoverCause } from "../store/switchovers.ts";

/** The account that an operator switched to, while it is the active one and was not released. */
export function pinnedTo(store: Store): string | null {
  const pinned = store.meta.get(META.pinned);
  return pinned !== null && pinned === store.periods.active()?.account ? pinned : null;
}

/**
 * Keeps the pin with a switchover: an operator's sets it, before its first step, so that a death in
 * between leaves what the link says pinned; any other that is committed ends it. Returns what to do
 * when the switchover has ended.
 */
export function pinWith(
  store: Store,
  { cause, to }: { readonly cause: SwitchoverCause; readonly to: string },
): (isCommitted: boolean) => void {
  const before = store.meta.get(META.pinned);
  if (cause === "switchover") {
    store.meta.set(META.pinned, to);
    return (isCommitted) => {
      if (!isCommitted) restore(store, before);
    };
  }
  const pinned = pinnedTo(store);
  return (isCommitted) => {
    if (!isCommitted || before === null) return;
    store.meta.delete(META.pinned);
    if (pinned !== null) store.emit("pin.ended", { account: pinned, text: `${cause} to ${to}` });
  };
}

/** Ends the pin; the account that was pinned, or null. */
export function unpin(store: Store, text: string): string | null {
  const pinned = pinnedTo(store);
  store.meta.delete(META.pinned);
  if (pinned !== null) store.emit("pin.ended", { account: pinned, text });
  return pinned;
}

function restore(store: Store, before: string | null): void {
  if (before === null) store.meta.delete(META.pinned);
  else store.meta.set(META.pinned, before);
}
