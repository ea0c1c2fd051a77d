import type { SwitchoverEntry } from "../store/switchovers.ts";
import type { Held } from "./model.ts";
import { isAt, slotPosition, type LocatedAccount } from "./slot-position.ts";
import { slotText, type SlotState } from "./slot.ts";

export type RecoveryAction = "rollForward" | "rollBack" | "markRolledBack" | "hold" | "nothing";

export interface RecoveryPlan {
  readonly action: RecoveryAction;
  /** One sentence for `status`, `history` and the log. */
  readonly reason: string;
}

export interface RecoveryContext {
  readonly held: Held | null;
  /** The account recorded as active. */
  readonly active: string | null;
  readonly accounts: readonly LocatedAccount[];
  /** Whether the old account's home can be reached at all. */
  readonly isFromReachable: boolean;
}

/**
 * What to do about a switchover that a dead process left open. The link is read first, because it
 * is what the sessions follow; the journal second, because it only says what was meant. Pure.
 */
export function planRecovery(
  entry: SwitchoverEntry | null,
  slot: SlotState,
  context: RecoveryContext,
): RecoveryPlan {
  if (entry === null) return planWithoutEntry(slot, context);
  const { from, to } = entry;
  switch (slotPosition(slot, entry)) {
    case "before":
      return { action: "markRolledBack", reason: `The link still leads to ${from}.` };
    case "after":
      return planAfterFlip(entry, context);
    case "missing":
      return context.active === to
        ? { action: "rollForward", reason: `The link is missing and ${to} is recorded as active.` }
        : { action: "rollBack", reason: `The link is missing and ${to} was never verified.` };
    case "elsewhere":
      return {
        action: "hold",
        reason: `${entry.slot} is ${slotText(slot)}: neither the home of ${from} nor of ${to}.`,
      };
  }
}

function planAfterFlip(entry: SwitchoverEntry, context: RecoveryContext): RecoveryPlan {
  const { stage, to } = entry;
  if (context.active === to) {
    return { action: "rollForward", reason: `The link leads to ${to} and ${to} is recorded.` };
  }
  switch (stage) {
    case "planned":
    case "locked":
    case "flipped":
    case "verified":
    case "continuing":
      return { action: "rollForward", reason: `The link leads to ${to}; it was not verified yet.` };
    case "rollingBack":
      return { action: "rollBack", reason: `The link leads to ${to}, which was being undone.` };
    case "held":
      return context.isFromReachable
        ? { action: "rollBack", reason: `The link leads to ${to}, which could not be undone.` }
        : { action: "rollForward", reason: `The home of ${entry.from} is gone; ${to} is checked.` };
    case "committed":
    case "rolledBack":
      return { action: "nothing", reason: `Switchover ${entry.id} has ended.` };
  }
}

function planWithoutEntry(slot: SlotState, context: RecoveryContext): RecoveryPlan {
  const isKnown = context.accounts.some((account) => isAt(slot, account));
  if (context.held === null) return { action: "nothing", reason: "No switchover was left open." };
  return isKnown
    ? { action: "nothing", reason: "The link leads to a configured account: mended." }
    : { action: "hold", reason: `The slot is ${slotText(slot)}.` };
}
