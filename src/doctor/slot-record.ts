import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";
import { isOwnSlot } from "../api/session-view.ts";
import { accountsInSlots } from "./slot.ts";

const say = findingsOf("slotRecord");

/** Whether the account in every slot is the one that is recorded as active there. */
export const slotRecordCheck: Check<Scene> = {
  code: "slotRecord",
  look: (scene) => {
    const { store } = scene;
    const open = store?.switchovers.open() ?? null;
    return accountsInSlots(scene).map(({ slot, account: inSlot }) => {
      const recorded = store?.periods.of(slot).active()?.account ?? null;
      return judgeSlotRecord({ slot, recorded, inSlot, isOpen: open?.slotName === slot });
    });
  },
};

/** Pure. `isOpen`: a switchover of the slot is, so that the two may differ for a moment. */
export function judgeSlotRecord(at: {
  slot: string;
  recorded: string | null;
  inSlot: string | null;
  isOpen: boolean;
}): Finding {
  const { slot, recorded, inSlot, isOpen } = at;
  const where = isOwnSlot(slot) ? `the slot ${slot}` : "the slot";
  if (recorded === null) return say.unknown(`No active account of ${where} is recorded yet.`);
  if (recorded === inSlot) return say.ok(`${recorded} is recorded as active and in ${where}.`);
  if (isOpen) return say.unknown(`A switchover is open: ${where} and its record may differ.`);
  const there = inSlot === null ? `${where} leads to no account` : `${inSlot} is in ${where}`;
  return say.bad(
    `${recorded} is recorded as active, but ${there}.`,
    "Somebody moved the link: put it back, or let claude-failover recover record what it says.",
  );
}
