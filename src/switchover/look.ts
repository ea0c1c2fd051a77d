import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { readHeld } from "./held.ts";
import type { AccountPlace, SlotPlace } from "./model.ts";
import { credentialStat, planMtimeTick } from "./mtime-tick.ts";
import type { PlanContext } from "./plan.ts";
import { locate } from "./slot-position.ts";
import { nodeSlotFs, type SlotFs } from "./slot-fs.ts";
import { readSlot } from "./slot.ts";

/**
 * Looks up everything a plan depends on; changes nothing. `cooldownUntil` is the policy's to say.
 * Throws CF_SLOT_UNREADABLE and CF_STORE_*.
 */
export function lookForPlan(options: {
  store: Store;
  slot: SlotPlace;
  accounts: readonly AccountPlace[];
  to: string;
  cooldownUntil: number | null;
  fs?: SlotFs;
}): PlanContext {
  const { store, slot, accounts, to, cooldownUntil, fs = nodeSlotFs } = options;
  const active = store.periods.of(slot.name).active()?.account ?? null;
  const stat = (name: string | null): ReturnType<typeof credentialStat> => {
    const account = accounts.find((each) => each.name === name);
    return account === undefined ? null : credentialStat(account.home, fs);
  };
  return {
    slotName: slot.name,
    slotPath: slot.path,
    slot: readSlot(slot.path, fs),
    active,
    accounts: locate(accounts, fs),
    open: store.switchovers.open(),
    held: readHeld(store),
    paused: store.meta.get(META.paused) !== null,
    cooldownUntil,
    tick: planMtimeTick({
      from: stat(active),
      to: stat(to),
      others: accounts.filter(({ name }) => name !== to).map(({ name }) => stat(name)),
    }),
  };
}
