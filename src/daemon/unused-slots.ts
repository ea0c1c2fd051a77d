import { namedConfigDirectories } from "../accounts/home-users.ts";
import type { Config } from "../config/config.ts";
import { slotsInUse, slotsWith } from "../config/slots.ts";
import type { JanitorDeps } from "../janitor/janitor.ts";
import type { Store } from "../store/store.ts";
import { linksIn, removeLinksIn, strays } from "../switchover/slot.ts";
import type { Fleet } from "./fleet.ts";

interface Known {
  readonly config: Config;
  readonly store: Store;
  readonly fleet: Pick<Fleet, "slots">;
}

/** The links of slots, as the janitor knows them. */
export function slotLinks(known: Known): JanitorDeps["slots"] {
  const folder = known.config.slotsDir;
  return {
    folder,
    unused: () => unusedLinks(known),
    remove: (paths) => void removeLinksIn(folder, (path) => paths.includes(path)),
  };
}

/**
 * Those that are configured no more, that no session or switchover uses, and that no process was started
 * with: a removed session's client goes on, and would make a directory where its link is gone.
 */
function unusedLinks({ config, store, fleet }: Known): readonly string[] {
  const used = slotsInUse(config, store.sessions.list()).map(({ name }) => name);
  const slots = slotsWith(config, [...used, ...fleet.slots()]).map(({ path }) => path);
  const known = new Set([...slots, ...slots.flatMap((path) => strays(path))]);
  known.add(store.switchovers.open()?.slot ?? "");
  const others = linksIn(config.slotsDir).filter((path) => !known.has(path));
  if (others.length === 0) return [];
  const named = namedConfigDirectories();
  return others.filter((path) => named?.has(path) === false);
}
