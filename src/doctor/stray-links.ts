import { lstatSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { removeStrays, strays } from "../switchover/slot.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("strayLinks");

/** A flip's temp link lives for less than a millisecond; one that is older was left behind. */
const STRAY_AFTER_MS = 60_000;

/** Whether a killed flip left temp links beside the slot. */
export const strayLinksCheck: Check<Scene> = {
  code: "strayLinks",
  look: ({ config, clock }) => judgeStrayLinks(oldStrays(config.slot, clock)),
  fix: ({ config, clock }) => {
    // A younger one may belong to a flip under way: then all of them wait.
    if (oldStrays(config.slot, clock).length < strays(config.slot).length) return [];
    return removeStrays(config.slot).map((path) => `Removed the stray link ${path}.`);
  },
};

/** Pure. */
export function judgeStrayLinks(paths: readonly string[]): readonly Finding[] {
  if (paths.length === 0) return [say.ok("No flip left a link behind.")];
  return paths.map((path) =>
    say.warn(`A killed flip left the link ${path}.`, "claude-failover doctor --fix removes it."),
  );
}

function oldStrays(slot: string, clock: Clock): readonly string[] {
  return strays(slot).filter((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats !== undefined && clock.now() - stats.mtimeMs > STRAY_AFTER_MS;
  });
}
