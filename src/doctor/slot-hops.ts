import { countHops } from "./hops.ts";
import { slotsOf } from "./slot.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("slotHops");

/** Whether every slot reaches the home in one hop, so that nothing else can move what it leads to. */
export const slotHopsCheck: Check<Scene> = {
  code: "slotHops",
  look: (scene) => slotsOf(scene).map(({ path }) => judgeSlotHops(path, countHops(path))),
};

/** Pure. `hops` as countHops gives them; null also where nothing is. */
export function judgeSlotHops(path: string, hops: number | null): Finding {
  if (hops === null || hops === 0) return say.unknown(`${path} is no link that leads anywhere.`);
  if (hops === 1) return say.ok(`${path} reaches the home in one hop.`);
  return say.warn(
    `${path} reaches the home over ${hops} links.`,
    "Name the account's real directory as its home: a link in between can be moved unnoticed.",
  );
}
