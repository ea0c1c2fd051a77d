import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate, type LocatedAccount } from "../switchover/slot-position.ts";
import { readSlot, slotText, type SlotState } from "../switchover/slot.ts";
import type { Config } from "../config/config.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("slot");

/** Whether the slot is a link that leads to a configured account's home. */
export const slotCheck: Check<Scene> = {
  code: "slot",
  look: ({ config, daemon }) => {
    const accounts = locate(config.accounts, nodeSlotFs);
    const runs = daemon.kind !== "down";
    return [judgeSlot({ path: config.slot, slot: readSlot(config.slot), accounts, runs })];
  },
};

/** The account the slot leads to, or null. */
export function accountInSlot(config: Config): string | null {
  const slot = readSlot(config.slot);
  return locate(config.accounts, nodeSlotFs).find((each) => isAt(slot, each))?.name ?? null;
}

/** Pure. `runs`: a daemon does, which has made the link at its start. */
export function judgeSlot(at: {
  path: string;
  slot: SlotState;
  accounts: readonly LocatedAccount[];
  runs: boolean;
}): Finding {
  const { path, slot, accounts, runs } = at;
  const found = `${path} is ${slotText(slot)}`;
  switch (slot.kind) {
    case "missing":
      if (!runs) return say.warn(`${found}.`, "claude-failover run makes the link.");
      return say.bad(`${found} while the daemon runs.`, "Restart the daemon: it makes the link.");
    case "notALink":
      if (slot.what === "directory")
        return say.bad(
          `${found}; it must be a link to an account's home.`,
          "claude-failover adopt --dry-run shows how it becomes the first account's home.",
        );
      return say.bad(`${found}.`, "Move it away; claude-failover run makes the link.");
    case "loop":
      return say.bad(`${found}.`, "Remove it; claude-failover run makes the link.");
    case "link": {
      if (slot.home === null)
        return say.bad(`${found}.`, "Check that the home exists and that its disk is mounted.");
      const account = accounts.find((each) => isAt(slot, each));
      if (account !== undefined) return say.ok(`${path} leads to ${account.name} (${slot.home}).`);
      return say.bad(
        `${found}, which is no configured account's home.`,
        "Point it at the home of a configured account, or add that home to the configuration.",
      );
    }
  }
}
