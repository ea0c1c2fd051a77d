import { lstatSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { linksIn, removeStrays, strays } from "../switchover/slot.ts";
import { slotsOf } from "./slot.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("strayLinks");

/** A flip's temp link lives for less than a millisecond; one that is older was left behind. */
const STRAY_AFTER_MS = 60_000;

/** Whether a killed flip left temp links beside a slot, and links of slots that are no more. */
export const strayLinksCheck: Check<Scene> = {
  code: "strayLinks",
  look: (scene) => {
    const slots = slotsOf(scene).map(({ path }) => path);
    const old = slots.flatMap((path) => oldStrays(path, scene.clock));
    const known = [...slots, ...slots.flatMap((path) => strays(path))];
    const unused = linksIn(scene.config.slotsDir).filter((path) => !known.includes(path));
    return judgeStrayLinks(old, unused);
  },
  fix: (scene) =>
    slotsOf(scene).flatMap(({ path: slot }) => {
      // A younger one may belong to a flip under way: then all of them wait.
      if (oldStrays(slot, scene.clock).length < strays(slot).length) return [];
      return removeStrays(slot).map((path) => `Removed the stray link ${path}.`);
    }),
};

/** Pure. `unused`: links of slots that nothing is configured for; a client may still use one. */
export function judgeStrayLinks(
  paths: readonly string[],
  unused: readonly string[] = [],
): readonly Finding[] {
  if (paths.length + unused.length === 0) return [say.ok("No flip left a link behind.")];
  return [
    ...paths.map((path) =>
      say.warn(`A killed flip left the link ${path}.`, "claude-failover doctor --fix removes it."),
    ),
    ...unused.map((path) =>
      say.warn(
        `The link ${path} is of no slot that is configured.`,
        "The daemon removes it once no process runs any more that was started with it.",
      ),
    ),
  ];
}

function oldStrays(slot: string, clock: Clock): readonly string[] {
  return strays(slot).filter((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats !== undefined && clock.now() - stats.mtimeMs > STRAY_AFTER_MS;
  });
}
