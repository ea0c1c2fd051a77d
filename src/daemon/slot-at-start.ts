import type { AccountConfig, Config } from "../config/config.ts";
import { FailoverError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate } from "../switchover/slot-position.ts";
import { createSlot, readSlot, slotText } from "../switchover/slot.ts";

/**
 * The account the slot leads to. A missing slot is made and leads to the account that was active
 * last, else to the preferred one; anything that is not a link is left alone. Throws
 * CF_SLOT_NOT_A_LINK, CF_SLOT_FOREIGN, and as createSlot does.
 */
export function settleSlot(options: {
  config: Config;
  store: Store;
  /** Whether a home holds a login: the first choice should be one that works. */
  loggedIn: (home: string) => boolean;
}): AccountConfig {
  const { config, store, loggedIn } = options;
  const slot = readSlot(config.slot);
  if (slot.kind === "missing") {
    const account = firstAccount(config, store.periods.active()?.account ?? null, loggedIn);
    createSlot({ slot: config.slot, to: account.home });
    store.emit("slot.created", { slot: config.slot, account: account.name });
    return account;
  }
  if (slot.kind !== "link")
    throw new FailoverError(
      "CF_SLOT_NOT_A_LINK",
      `${config.slot} is ${slotText(slot)}; it must be a link to an account's home.`,
      { details: { path: config.slot } },
    );
  const there = locate(config.accounts, nodeSlotFs).find((each) => isAt(slot, each));
  const account = config.accounts.find((each) => each.name === there?.name);
  if (account !== undefined) return account;
  throw new FailoverError(
    "CF_SLOT_FOREIGN",
    `${config.slot} is ${slotText(slot)}, which is no configured account's home.`,
    { details: { path: config.slot, target: slot.target } },
  );
}

function firstAccount(
  config: Config,
  last: string | null,
  loggedIn: (home: string) => boolean,
): AccountConfig {
  const byPriority = config.accounts.toSorted((a, b) => a.priority - b.priority);
  const known = byPriority.find((account) => account.name === last);
  const found = known ?? byPriority.find(({ home }) => loggedIn(home)) ?? byPriority[0];
  if (found === undefined) throw new FailoverError("CF_CONFIG_INVALID", "There is no account.");
  return found;
}
