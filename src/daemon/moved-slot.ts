import type { Config } from "../config/config.ts";
import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { readHeld } from "../switchover/held.ts";
import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate } from "../switchover/slot-position.ts";
import { readSlot } from "../switchover/slot.ts";
import type { Switcher } from "./switcher.ts";

/**
 * The sessions follow the link, whoever moved it: when somebody else pointed the slot at another
 * configured account, that one is recorded as active. Left alone while a switchover is open or held.
 */
export async function followMovedSlot(options: {
  config: Config;
  store: Store;
  switcher: Pick<Switcher, "recover">;
}): Promise<void> {
  const { config, store, switcher } = options;
  if (store.switchovers.open() !== null || readHeld(store) !== null) return;
  const slot = readSlot(config.slot);
  const there = locate(config.accounts, nodeSlotFs).find((account) => isAt(slot, account));
  if (there === undefined || there.name === store.periods.active()?.account) return;
  const { adopted } = await switcher.recover({ dryRun: false, continueSessions: false });
  if (adopted === null) return;
  // Whoever moves the link by hand wants the fleet there, as with a switchover.
  store.meta.set(META.pinned, adopted);
  store.emit("slot.moved", { slot: config.slot, account: adopted });
}
