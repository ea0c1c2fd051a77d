import type { SwitchoverEntry } from "../store/switchovers.ts";
import { asFailoverError } from "../errors.ts";
import { nodeSlotFs, type SlotFs } from "./slot-fs.ts";
import type { AccountPlace } from "./model.ts";
import { readSlot, slotText, type SlotState } from "./slot.ts";

/** Where the slot stands, seen from one switchover. */
export type SlotPosition = "before" | "after" | "missing" | "elsewhere";

/** The parts of an entry that say where the link is and where it may lead. */
export type Places = Pick<
  SwitchoverEntry,
  "slot" | "linkBefore" | "linkAfter" | "fromHome" | "toHome"
>;

/** Compares the slot with an entry's two homes, by the link's words and by where they lead. Pure. */
export function slotPosition(slot: SlotState, places: Places): SlotPosition {
  if (slot.kind === "missing") return "missing";
  if (slot.kind !== "link") return "elsewhere";
  const leadsTo = (text: string, home: string): boolean =>
    slot.text === text || slot.target === home || slot.home === home;
  if (leadsTo(places.linkBefore, places.fromHome)) return "before";
  return leadsTo(places.linkAfter, places.toHome) ? "after" : "elsewhere";
}

/** An account and where its home really is; null when it cannot be reached. */
export interface LocatedAccount extends AccountPlace {
  readonly realHome: string | null;
}

/** Resolves every home, so that a slot that leads to the same place by another path is recognised. */
export function locate(accounts: readonly AccountPlace[], fs: SlotFs): readonly LocatedAccount[] {
  return accounts.map((account) => ({ ...account, realHome: realHome(account.home, fs) }));
}

function realHome(home: string, fs: SlotFs): string | null {
  try {
    return fs.realpath(home);
  } catch {
    return null;
  }
}

/** Why the slot leads to no configured account, in words; null where it leads to one. */
export function slotProblem(
  slot: string,
  accounts: readonly AccountPlace[],
  fs: SlotFs = nodeSlotFs,
): string | null {
  try {
    const found = readSlot(slot, fs);
    const leads = (account: LocatedAccount | AccountPlace): boolean =>
      found.kind === "link" && found.home !== null && isAt(found, account);
    if (accounts.some(leads) || locate(accounts, fs).some(leads)) return null;
    return `${slot} is ${slotText(found)}, and so leads to no account`;
  } catch (thrown) {
    return asFailoverError(thrown).message;
  }
}

/**
 * Whether the slot leads to this account's home. A slot that names the home by another path is
 * recognised only where `realHome` is given (see `locate`). Pure.
 */
export function isAt(
  slot: SlotState,
  account: { readonly home: string; readonly realHome?: string | null },
): boolean {
  if (slot.kind !== "link") return false;
  if (slot.target === account.home) return true;
  return slot.home !== null && (slot.home === account.home || slot.home === account.realHome);
}
