import { describe, expect, it } from "vitest";
import { STAGES, type Stage } from "../../../src/store/switchovers.ts";
import { NEXT_STAGES } from "../../../src/switchover/journal.ts";
import {
  planRecovery,
  type RecoveryAction,
  type RecoveryContext,
} from "../../../src/switchover/plan-recovery.ts";
import type { SlotState } from "../../../src/switchover/slot.ts";
import { entryAt, grantingContext, linkTo } from "../../support/switchover-samples.ts";

const context: RecoveryContext = {
  held: null,
  active: "one",
  accounts: grantingContext.accounts,
  isFromReachable: true,
};
const before = linkTo("/homes/one");
const after = linkTo("/homes/two");
const missing: SlotState = { kind: "missing" };
const open = STAGES.filter((stage) => NEXT_STAGES[stage].length > 0);

function action(stage: Stage, slot: SlotState, changes: Partial<RecoveryContext> = {}): string {
  return planRecovery(entryAt(stage), slot, { ...context, ...changes }).action;
}

describe("planning a recovery", () => {
  it.each(open)("believes a link that was not flipped, whatever the journal says: %s", (stage) => {
    expect(action(stage, before)).toBe("markRolledBack");
    expect(action(stage, before, { active: "two" })).toBe("markRolledBack");
  });

  const flipped: readonly (readonly [Stage, RecoveryAction])[] = [
    ["planned", "rollForward"],
    ["locked", "rollForward"],
    ["flipped", "rollForward"],
    ["rollingBack", "rollBack"],
    ["held", "rollBack"],
  ];
  it.each(flipped)("with a flipped link at %s: %s", (stage, expected) => {
    expect(action(stage, after)).toBe(expected);
  });

  it.each(["verified", "continuing", "held"] as const)(
    "goes on where the new account is recorded already: %s",
    (stage) => {
      expect(action(stage, after, { active: "two" })).toBe("rollForward");
    },
  );

  it("knows a home by where the link ends, whatever way it takes", () => {
    const way = { kind: "link", text: "../alias", target: "/alias", madeAt: 1 } as const;
    expect(action("flipped", { ...way, home: "/homes/two" })).toBe("rollForward");
    expect(action("flipped", { ...way, home: "/homes/one" })).toBe("markRolledBack");
  });

  it("checks the new account when the old home is gone", () => {
    expect(action("held", after, { isFromReachable: false })).toBe("rollForward");
  });

  it("makes a missing link again, to the recorded account", () => {
    expect(action("flipped", missing)).toBe("rollBack");
    expect(action("continuing", missing, { active: "two" })).toBe("rollForward");
  });

  const strange: readonly SlotState[] = [
    linkTo("/homes/three"),
    { kind: "notALink", what: "directory" },
    { kind: "notALink", what: "file" },
    { kind: "loop", text: "slot" },
  ];
  it.each(strange)("asks a person about %o", (slot) => {
    for (const stage of open) expect(action(stage, slot)).toBe("hold");
  });

  it("recognises the homes by the link's words, its target and where it ends", () => {
    const relative = linkTo("/elsewhere", { text: "two" });
    const entry = entryAt("flipped", { linkAfter: "two" });
    expect(planRecovery(entry, relative, context).action).toBe("rollForward");
    const byPath = linkTo("/homes/two", { text: "../homes/two" });
    expect(action("flipped", byPath)).toBe("rollForward");
    expect(action("flipped", linkTo("/homes/two", { dangling: true }))).toBe("rollForward");
  });

  it("has nothing to do without an open entry", () => {
    expect(planRecovery(null, before, context).action).toBe("nothing");
    expect(planRecovery(null, missing, context).action).toBe("nothing");
  });

  it("keeps a held state without an entry until the slot leads to an account again", () => {
    const held = {
      code: "CF_SWITCHOVER_HELD",
      message: "",
      hint: "",
      since: 1,
      switchoverId: null,
    } as const;
    expect(planRecovery(null, missing, { ...context, held }).action).toBe("hold");
    expect(planRecovery(null, after, { ...context, held }).action).toBe("nothing");
  });
});

describe("the stage table", () => {
  it("ends only in committed and rolledBack", () => {
    expect(STAGES.filter((stage) => NEXT_STAGES[stage].length === 0)).toEqual([
      "committed",
      "rolledBack",
    ]);
  });

  it("lets every open stage be closed", () => {
    const closes = (stage: Stage, seen: readonly Stage[] = []): boolean =>
      NEXT_STAGES[stage].length === 0 ||
      NEXT_STAGES[stage].some((next) => !seen.includes(next) && closes(next, [...seen, stage]));
    expect(STAGES.filter((stage) => !closes(stage))).toEqual([]);
  });
});
