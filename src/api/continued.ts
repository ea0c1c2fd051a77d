import type { ContinuedJson, SwitchoverJson } from "./contract.ts";

/** Pure: the sessions that a switchover left going on, by a word of ours, by themselves or relaunched. */
export function wentOn({ sessions }: Pick<SwitchoverJson, "sessions">): readonly ContinuedJson[] {
  return sessions.filter(({ outcome }) => outcome !== "notContinued");
}
