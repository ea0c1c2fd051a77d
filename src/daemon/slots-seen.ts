import type { SlotSeen } from "../api/view.ts";
import type { Config } from "../config/config.ts";
import { slotsWith } from "../config/slots.ts";
import { readProposal } from "../store/proposal.ts";
import type { Store } from "../store/store.ts";
import { configuredSessions } from "./observe.ts";
import { pinnedTo } from "./pin.ts";

/** Every slot that is configured or in use, the shared one first; `activeIn` says where each leads. */
export function slotsSeen(
  config: Config,
  store: Store | null,
  activeIn: (name: string, path: string) => string | null,
): [SlotSeen, ...SlotSeen[]] {
  const used = store === null ? [] : configuredSessions(store, config).map(({ row }) => row.slot);
  const [shared, ...own] = slotsWith(config, used);
  const seen = ({ name, path }: { name: string; path: string }): SlotSeen => ({
    name,
    path,
    active: activeIn(name, path),
    pinned: store === null ? null : pinnedTo(store, name),
    proposal: store === null ? null : readProposal(store, name),
    decision: store?.decisions.latest(name) ?? null,
  });
  return [seen(shared), ...own.map(seen)];
}
