import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("store");

/** Whether the state file can be read by this program. */
export const storeCheck: Check<BareScene> = {
  code: "store",
  look: ({ store, storeProblem, places }) => [
    judgeStore({ isThere: store !== null, problem: storeProblem, file: places.database }),
  ],
};

/** Pure. */
export function judgeStore(at: {
  isThere: boolean;
  problem: BareScene["storeProblem"];
  file: string;
}): Finding {
  const { isThere, problem, file } = at;
  if (problem !== null) return say.bad(problem.message, problem.hint);
  if (!isThere) return say.ok(`There is no ${file} yet: no daemon has run.`);
  return say.ok(`${file} can be read.`);
}
