import {
  decideOnFailback,
  decideOnPaidUsage,
  decideOnThreshold,
  decideOnTrouble,
} from "./leave.ts";
import { decideOnLimit } from "./limit.ts";
import type { Decision, Observation, PolicySettings } from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";
import { sceneOf, stay, type Scene } from "./scene.ts";
import { spendsWholeAccount } from "./windows.ts";

/**
 * What to do about `observation` at `now` (epoch ms). Pure: the same input gives the same decision,
 * and every decision, also to stay, says why. The guards and then the reasons to move stand in the
 * order in which they count.
 */
export function decide(observation: Observation, settings: PolicySettings, now: number): Decision {
  const scene = sceneOf(observation, settings, now);
  const { held, paused, switchoverOpen, slotProblem } = observation;
  if (held !== null) return stay(scene, "held", `a switchover is held: ${held}`);
  if (paused) return stay(scene, "paused", "paused: observing only");
  if (switchoverOpen) return stay(scene, "switchoverOpen", "a switchover is under way");
  if (slotProblem !== null)
    return stay(scene, "slotAstray", `${slotProblem}; nothing moves until it is put back`);
  return (
    decideOnLimit(scene) ??
    decideOnTrouble(scene) ??
    decideOnPaidUsage(scene) ??
    decideOnThreshold(scene) ??
    decideOnFailback(scene) ??
    stayHealthy(scene)
  );
}

/** No reason to move: say what was seen instead, so that "stay" is as well explained as a move. */
function stayHealthy(scene: Scene): Decision {
  const { seen } = scene;
  const own = seen.evidence.filter((item) => item.account === seen.active);
  const last = own.at(-1);
  if (last === undefined) return stay(scene, "healthy", quietText(scene));
  const where = `session ${last.session}`;
  switch (last.refusal.class) {
    case "usageLimit":
      return spendsWholeAccount(last.refusal)
        ? stay(
            scene,
            "notConfirmed",
            `a limit is only suspected in ${where}: no hook or row confirms it`,
          )
        : stay(
            scene,
            "modelOnly",
            `${where} reached a limit of one model; the account serves the others`,
          );
    case "serverBusy":
    case "overload":
      return stay(scene, "backOff", `${where} met a busy server, which is no reason to switch`);
    case "auth":
    case "billing":
    case "orgPolicy":
      return stay(
        scene,
        "accountTrouble",
        `${where} was refused (${last.refusal.class}); see to the account`,
      );
    case "contextOrRequest":
    case "unknown":
      return stay(
        scene,
        "healthy",
        `${where} was refused for a reason of its own (${last.refusal.class})`,
      );
  }
}

/** Why an account that is known to be exhausted is not left: nobody waits here, and cannot or need not go. */
function quietText({ seen, active, now }: Scene): string {
  const until = active?.exhaustedUntil ?? null;
  if (until === null || until <= now) return `no refusal stands against ${seen.active}`;
  const why =
    seen.pinned === seen.active
      ? "an operator switched to it all the same"
      : "no other account may take over";
  return `${seen.active} is exhausted until ${rfc3339(until)}, and ${why}; no turn here was cut off by it`;
}
