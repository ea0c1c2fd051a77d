import type { Config } from "../config/config.ts";
import { slotsInUse } from "../config/slots.ts";
import { pinnedKey } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { readHeld } from "../switchover/held.ts";
import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate } from "../switchover/slot-position.ts";
import { readSlot } from "../switchover/slot.ts";
import type { Switcher } from "./switcher.ts";

/**
 * The sessions follow their link, whoever moved it: when somebody else pointed a slot at another
 * configured account, that one is recorded as active. Left alone while a switchover is open or held.
 */
export async function followMovedSlots(options: {
  config: Config;
  store: Store;
  switcher: Pick<Switcher, "recover">;
}): Promise<void> {
  const { config, store, switcher } = options;
  if (store.switchovers.open() !== null || readHeld(store) !== null) return;
  const accounts = locate(config.accounts, nodeSlotFs);
  const isMoved = slotsInUse(config, store.sessions.list()).some(({ name, path }) => {
    const slot = readSlot(path);
    const there = accounts.find((account) => isAt(slot, account));
    return there !== undefined && there.name !== store.periods.of(name).active()?.account;
  });
  if (!isMoved) return;
  const { adopted } = await switcher.recover({ dryRun: false, continueSessions: false });
  for (const { name: slot, path, account } of adopted) {
    // Whoever moves a link by hand wants its sessions there, as with a switchover.
    store.meta.set(pinnedKey(slot), account);
    store.emit("slot.moved", { slot, path, account });
  }
}
