import { rfc3339 } from "../clock.ts";
import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("clock");

/** Whether the clock was set back behind what was recorded: resets and cooldowns count by it. */
export const clockCheck: Check<BareScene> = {
  code: "clock",
  look: ({ store, clock }) => {
    const last = store?.events.latest(1).at(-1)?.at ?? null;
    // Read after the event: a running daemon may have written one just now.
    return [judgeClock(last, clock.now())];
  },
};

/** Pure. Both epoch ms; `last` is the newest event. */
export function judgeClock(last: number | null, now: number): Finding {
  if (last === null) return say.unknown("Nothing was recorded yet to hold the clock against.");
  if (now >= last) return say.ok(`The clock says ${rfc3339(now)}, after the last event.`);
  return say.bad(
    `The clock says ${rfc3339(now)}, which is before the last event (${rfc3339(last)}).`,
    "Set the clock right (timedatectl status): limits would seem to last longer than they do.",
  );
}
