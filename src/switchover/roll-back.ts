import { FailoverError } from "../errors.ts";
import type { Json } from "../store/json.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import { attempt, slotFsOf, type SwitchoverDeps } from "./deps.ts";
import { heldBecause, setHeld, clearHeld } from "./held.ts";
import type { Journal, JournalChange } from "./journal.ts";
import type { SwitchoverRefusal, SwitchoverResult } from "./model.ts";
import { applyMtimeTick } from "./mtime-tick.ts";
import type { SlotFs } from "./slot-fs.ts";
import { slotPosition, type Places } from "./slot-position.ts";
import { createSlot, flipSlot, readSlot, slotText } from "./slot.ts";

/** One switchover being executed or recovered. */
export interface Run {
  readonly journal: Journal;
  readonly places: Places & Pick<SwitchoverEntry, "from" | "to" | "slotName">;
  readonly deps: Omit<SwitchoverDeps, "continueSessions">;
}

/**
 * Undoes the flip and closes the entry, or, when that fails, makes the state held. The client's
 * locks are held by the caller.
 */
export async function rollBack(
  run: Run,
  options: { because: SwitchoverRefusal; ended: JournalChange["ended"]; flippedAt: number },
): Promise<SwitchoverResult> {
  const { journal, places, deps } = run;
  const { because, ended, flippedAt } = options;
  journal.commit({ ...(ended && { ended }), stage: "rollingBack", begin: "flipBack" });
  await deps.onStep?.("flipBack", "intent");
  const undone = await attempt(() => undoFlip(places, slotFsOf(deps)));
  await deps.onStep?.("flipBack", "effect");
  if (undone !== undefined) return holdRun(run, undone.refused);
  const { store, clock } = deps;
  journal.commit({
    ended: { outcome: "done" },
    stage: "rolledBack",
    also: () => {
      clearHeld(store);
      store.periods.of(places.slotName).excursion(places.to, flippedAt, clock.now());
    },
  });
  await deps.onStep?.("flipBack", "done");
  return { kind: "rolledBack", refusal: because, entry: journal.entry() };
}

/** Puts the link back where it was. Throws CF_SLOT_* when it cannot; nothing else is touched. */
export function undoFlip(places: Places, fs: SlotFs): void {
  const slot = readSlot(places.slot, fs);
  switch (slotPosition(slot, places)) {
    case "before":
      return;
    case "missing":
      createSlot({ slot: places.slot, to: places.linkBefore, fs });
      return;
    case "after":
      break;
    case "elsewhere":
      throw new FailoverError("CF_SLOT_CHANGED", `${places.slot} is ${slotText(slot)}.`);
  }
  try {
    applyMtimeTick({ from: places.toHome, to: places.fromHome, fs });
  } catch (thrown) {
    // The link matters more: a session that does not notice it goes on as it is.
    if (!(thrown instanceof FailoverError)) throw thrown;
  }
  const expect = slot.kind === "link" ? slot.text : places.linkAfter;
  flipSlot({ slot: places.slot, to: places.linkBefore, expect, fs });
}

/** Ends the step under way as failed and makes the held state stick. */
export function holdRun(run: Run, cause: SwitchoverRefusal): SwitchoverResult & { kind: "held" } {
  const { journal, places, deps } = run;
  const held = heldBecause({
    cause,
    what: `Switchover ${journal.id} from ${places.from} to ${places.to} could not be undone`,
    since: deps.clock.now(),
    switchoverId: journal.id,
  });
  journal.commit({
    ended: { outcome: "failed", detail: detailOf(cause) },
    stage: "held",
    also: () => void setHeld(deps.store, held),
  });
  return { kind: "held", held, entry: journal.entry() };
}

/** A refusal as it is kept in a step's row. */
export function detailOf({ code, message }: SwitchoverRefusal): Json {
  return { code, message };
}
