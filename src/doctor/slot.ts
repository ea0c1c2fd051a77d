import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate, type LocatedAccount } from "../switchover/slot-position.ts";
import { readSlot, slotText, type SlotState } from "../switchover/slot.ts";
import type { Config } from "../config/config.ts";
import { slotsInUse } from "../config/slots.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("slot");

/** Whether every slot is a link that leads to a configured account's home. */
export const slotCheck: Check<Scene> = {
  code: "slot",
  look: ({ config, store, daemon }) => {
    const accounts = locate(config.accounts, nodeSlotFs);
    const runs = daemon.kind !== "down";
    return slotsOf({ config, store }).map(({ path }) =>
      judgeSlot({ path, slot: readSlot(path), accounts, runs, isShared: path === config.slot }),
    );
  },
};

/** Every slot that is configured or that sessions use, the shared one first. */
export function slotsOf({ config, store }: Pick<Scene, "config" | "store">): Config["slots"] {
  return slotsInUse(config, store?.sessions.list() ?? []);
}

/** The account that each slot leads to, or null, in the order of `slotsOf`. */
export function accountsInSlots(
  scene: Pick<Scene, "config" | "store">,
): { readonly slot: string; readonly account: string | null }[] {
  const accounts = locate(scene.config.accounts, nodeSlotFs);
  return slotsOf(scene).map(({ name, path }) => {
    const slot = readSlot(path);
    return { slot: name, account: accounts.find((each) => isAt(slot, each))?.name ?? null };
  });
}

/** Pure. `runs`: a daemon does, which has made the link at its start. */
export function judgeSlot(at: {
  path: string;
  slot: SlotState;
  accounts: readonly LocatedAccount[];
  runs: boolean;
  isShared: boolean;
}): Finding {
  const { path, slot, accounts, runs, isShared } = at;
  const found = `${path} is ${slotText(slot)}`;
  switch (slot.kind) {
    case "missing":
      if (!runs) return say.warn(`${found}.`, "claude-failover run makes the link.");
      return say.bad(`${found} while the daemon runs.`, "Restart the daemon: it makes the link.");
    case "notALink":
      if (slot.what === "directory" && isShared)
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
