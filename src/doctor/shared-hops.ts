import { join } from "node:path";
import { effectiveLinks } from "../accounts/shared-targets.ts";
import { countHops } from "./hops.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("sharedHops");

/** A shared link and how many links it takes to its target. */
export interface LinkHops {
  readonly path: string;
  readonly hops: number | null;
}

/** Whether every shared link reaches its target in one hop (design: Shared state). */
export const sharedHopsCheck: Check<Scene> = {
  code: "sharedHops",
  look: ({ config }) =>
    judgeSharedHops(
      config.accounts.flatMap(({ home }) =>
        effectiveLinks(config.shared.links).map((link) => {
          const path = join(home, link);
          return { path, hops: countHops(path) };
        }),
      ),
    ),
};

/** Pure. What is no link at all is `sharedLinks`' to tell. */
export function judgeSharedHops(links: readonly LinkHops[]): readonly Finding[] {
  const long = links.filter(({ hops }) => hops !== null && hops > 1);
  if (long.length > 0) {
    return long.map(({ path, hops }) =>
      say.bad(
        `${path} reaches its target over ${hops ?? 0} links.`,
        "Point it straight at the target: a link in between can be moved unnoticed.",
      ),
    );
  }
  const direct = links.filter(({ hops }) => hops === 1).length;
  if (direct === 0) return [say.unknown("There is no shared link to follow.")];
  return [say.ok(`${direct} shared ${direct === 1 ? "link takes" : "links take"} one hop each.`)];
}
