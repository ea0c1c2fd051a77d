import { rfc3339 } from "../clock.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import { readHeld } from "../switchover/held.ts";
import type { Held } from "../switchover/model.ts";
import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("journal");

/** Whether a switchover is open or held (design: invariant 3). */
export const journalCheck: Check<BareScene> = {
  code: "journal",
  look: ({ store, daemon }) => {
    if (store === null) return [say.unknown("There is no journal to look at.")];
    const runs = daemon.kind !== "down";
    return [judgeJournal({ held: readHeld(store), open: store.switchovers.open(), runs })];
  },
};

/** Pure. `runs`: a daemon does, so that an open switchover is being done. */
export function judgeJournal(at: {
  held: Held | null;
  open: Pick<SwitchoverEntry, "id" | "stage" | "from" | "to"> | null;
  runs: boolean;
}): Finding {
  const { held, open, runs } = at;
  if (held !== null)
    return say.bad(`Held since ${rfc3339(held.since)}: ${held.message}`, held.hint);
  if (open === null) return say.ok("No switchover is open or held.");
  const what = `Switchover ${open.id} from ${open.from} to ${open.to}`;
  if (runs) return say.ok(`${what} is under way (${open.stage}).`);
  return say.bad(
    `${what} was broken off (${open.stage}).`,
    "claude-failover run finishes or undoes it at its start.",
  );
}
