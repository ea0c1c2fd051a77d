import { openAdoptions, type AdoptionState } from "../accounts/adopt/journal.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("adoptions");

/** Whether an adoption was broken off, or waits for its commit. */
export const adoptionsCheck: Check<Scene> = {
  code: "adoptions",
  look: ({ config }) =>
    judgeAdoptions(
      openAdoptions(config.shared.root).map(({ begun, phase }) => ({ stamp: begun.stamp, phase })),
    ),
};

/** Pure. */
export function judgeAdoptions(
  open: readonly { readonly stamp: string; readonly phase: AdoptionState["phase"] }[],
): readonly Finding[] {
  if (open.length === 0) return [say.ok("No adoption is open.")];
  return open.map(judgeAdoption);
}

function judgeAdoption(of: { stamp: string; phase: AdoptionState["phase"] }): Finding {
  const what = `The adoption of ${of.stamp}`;
  switch (of.phase) {
    case "joining":
      return say.bad(
        `${what} was broken off.`,
        "claude-failover adopt goes on with it; adopt --undo takes it back.",
      );
    case "undoing":
      return say.bad(`${what} is half undone.`, "claude-failover adopt --undo goes on with it.");
    case "committing":
      return say.warn(
        `The originals of ${of.stamp} are half deleted.`,
        "claude-failover adopt --commit goes on with it.",
      );
    case "done":
      return say.warn(
        `${what} keeps its originals.`,
        "claude-failover adopt --commit deletes them; adopt --undo puts them back.",
      );
    case "undone":
    case "committed":
      return say.warn(
        `${what} left its journal.`,
        "claude-failover adopt --commit clears it away.",
      );
  }
}
