import { FailoverError } from "../errors.ts";
import { attempt, reachable, slotFsOf, type SwitchoverDeps } from "./deps.ts";
import { refusalOf, type CheckResult, type SwitchoverRefusal } from "./model.ts";
import { applyMtimeTick } from "./mtime-tick.ts";
import { slotPosition, type Places } from "./slot-position.ts";
import { readSlot, slotText } from "./slot.ts";

/**
 * Whether the new account may take over: its home, its shared links and its identity. Null when it
 * may. A home that is gone is not made here: its disk may only be unmounted.
 */
export async function checkTarget(
  toHome: string,
  deps: SwitchoverDeps,
): Promise<SwitchoverRefusal | null> {
  if (reachable([toHome], slotFsOf(deps)).length === 0) {
    return refusalOf(new FailoverError("CF_SLOT_TARGET", `${toHome} cannot be reached.`));
  }
  const links = await attempt(() => deps.ensureLinks(toHome), deps.signal);
  if (links.refused !== null) return links.refused;
  const identity = await attempt(() => deps.checkIdentity(toHome), deps.signal);
  return identity.refused;
}

/**
 * Whether the flip holds: the link reads back and ends at a directory, sessions will notice it, and
 * the target is as configured. Null when it does. Bounded, because the client's locks are held
 * meanwhile and it waits for them only so long (client facts 7).
 */
export async function verifyFlip(
  places: Places,
  deps: SwitchoverDeps,
): Promise<SwitchoverRefusal | null> {
  const bound = new AbortController();
  const late = deps.clock.sleep(deps.verifyBoundMs ?? 2_000, bound.signal).then(
    (): CheckResult => ({
      refused: refusalOf(
        new FailoverError("CF_SWITCHOVER_UNVERIFIED", `${places.toHome} took too long to check.`),
      ),
    }),
    (): CheckResult => ({ refused: null }),
  );
  try {
    const checks = attempt(() => checkFlip(places, deps));
    return (await Promise.race([checks, late])).refused;
  } finally {
    bound.abort();
  }
}

async function checkFlip(places: Places, deps: SwitchoverDeps): Promise<CheckResult> {
  const fs = slotFsOf(deps);
  const slot = readSlot(places.slot, fs);
  const isThere = slot.kind === "link" && slot.home !== null;
  if (!isThere || slotPosition(slot, places) !== "after") {
    throw new FailoverError(
      "CF_SWITCHOVER_UNVERIFIED",
      `${places.slot} is ${slotText(slot)}, not a link to ${places.toHome}.`,
    );
  }
  applyMtimeTick({ from: places.fromHome, to: places.toHome, others: deps.homes, fs });
  return { refused: await checkTarget(places.toHome, deps) };
}
