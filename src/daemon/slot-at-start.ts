import type { AccountConfig, Config, SlotConfig } from "../config/config.ts";
import { slotsInUse } from "../config/slots.ts";
import { FailoverError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate } from "../switchover/slot-position.ts";
import { createSlot, readSlot, slotText, type SlotState } from "../switchover/slot.ts";

export interface SettledSlot {
  readonly name: string;
  readonly account: AccountConfig;
  /** Its link was made now. */
  readonly isNew: boolean;
}

/**
 * The account that every slot leads to, the shared one first. A missing slot is made and leads to the
 * account that was active there last; else one of its own to where the configuration has it start or
 * the shared one leads, the shared one to the preferred account. Throws as accountOfSlot and
 * createSlot do.
 */
export function settleSlots(options: {
  config: Config;
  store: Store;
  /** Whether a home holds a login: the first choice should be one that works. */
  loggedIn: (home: string) => boolean;
}): [SettledSlot, ...SettledSlot[]] {
  const { config, store } = options;
  const [shared, ...own] = slotsInUse(config, store.sessions.list());
  const first = settleSlot(shared, null, options);
  return [first, ...own.map((slot) => settleSlot(slot, first.account.name, options))];
}

function settleSlot(
  { name, path, account: start }: SlotConfig,
  shared: string | null,
  { config, store, loggedIn }: Parameters<typeof settleSlots>[0],
): SettledSlot {
  const there = accountOfSlot(config, path);
  if (there !== null) return { name, account: there, isNew: false };
  const last = store.periods.of(name).active()?.account ?? start ?? shared;
  const account = firstAccount(config, last, loggedIn);
  createSlot({ slot: path, to: account.home });
  store.emit("slot.created", { slot: name, path, account: account.name });
  return { name, account, isNew: true };
}

/**
 * The account that the link `path` leads to, or null where there is no slot yet. Changes nothing. Throws
 * CF_SLOT_NOT_A_LINK, CF_SLOT_FOREIGN and CF_SLOT_UNREADABLE.
 */
export function accountOfSlot({ accounts }: Config, path: string): AccountConfig | null {
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
