import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";
import { accountInSlot } from "./slot.ts";

const say = findingsOf("slotRecord");

/** Whether the account in the slot is the one that is recorded as active. */
export const slotRecordCheck: Check<Scene> = {
  code: "slotRecord",
  look: ({ config, store }) => {
    const recorded = store?.periods.active()?.account ?? null;
    const isOpen = (store?.switchovers.open() ?? null) !== null;
    return [judgeSlotRecord({ recorded, inSlot: accountInSlot(config), isOpen })];
  },
};

/** Pure. `isOpen`: a switchover is, so that the two may differ for a moment. */
export function judgeSlotRecord(at: {
  recorded: string | null;
  inSlot: string | null;
  isOpen: boolean;
}): Finding {
  const { recorded, inSlot, isOpen } = at;
  if (recorded === null) return say.unknown("No active account is recorded yet.");
  if (recorded === inSlot) return say.ok(`${recorded} is recorded as active and in the slot.`);
  if (isOpen) return say.unknown("A switchover is open: slot and record may differ.");
  const there = inSlot === null ? "the slot leads to no account" : `${inSlot} is in the slot`;
  return say.bad(
    `${recorded} is recorded as active, but ${there}.`,
    "Somebody moved the link: put it back, or let claude-failover recover record what it says.",
  );
}
