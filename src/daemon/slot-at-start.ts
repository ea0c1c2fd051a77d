import type { AccountConfig, Config } from "../config/config.ts";
import { FailoverError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate } from "../switchover/slot-position.ts";
import { createSlot, readSlot, slotText, type SlotState } from "../switchover/slot.ts";

/**
 * The account the slot leads to; a missing slot is made and leads to the account that was active
 * last, else to the preferred one. Throws as accountOfSlot and createSlot do.
 */
export function settleSlot(options: {
  config: Config;
  store: Store;
  /** Whether a home holds a login: the first choice should be one that works. */
  loggedIn: (home: string) => boolean;
}): AccountConfig {
  const { config, store, loggedIn } = options;
  const there = accountOfSlot(config);
  if (there !== null) return there;
  const account = firstAccount(config, store.periods.active()?.account ?? null, loggedIn);
  createSlot({ slot: config.slot, to: account.home });
  store.emit("slot.created", { slot: config.slot, account: account.name });
  return account;
}

/**
 * The account the slot leads to, or null where there is no slot yet. Changes nothing. Throws
 * CF_SLOT_NOT_A_LINK, CF_SLOT_FOREIGN and CF_SLOT_UNREADABLE.
 */
export function accountOfSlot({ accounts, slot: path }: Config): AccountConfig | null {
  const slot = readSlot(path);
  if (slot.kind === "missing") return null;
  if (slot.kind !== "link")
    throw new FailoverError(
      "CF_SLOT_NOT_A_LINK",
      `${path} is ${slotText(slot)}; it must be a link to an account's home.`,
      {
        details: { path },
        ...(isDirectory(slot) ? {} : { hint: "Move it away; the daemon makes the link." }),
      },
    );
  const there = locate(accounts, nodeSlotFs).find((each) => isAt(slot, each));
  const account = accounts.find((each) => each.name === there?.name);
  if (account !== undefined) return account;
  throw new FailoverError(
    "CF_SLOT_FOREIGN",
    `${path} is ${slotText(slot)}, which is no configured account's home.`,
    { details: { path, target: slot.target } },
  );
}

/** Only a directory can be an account's home; a file or a circle of links can but be moved away. */
function isDirectory(slot: SlotState): boolean {
  return slot.kind === "notALink" && slot.what === "directory";
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
