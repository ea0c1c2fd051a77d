import { describe, expect, it } from "vitest";
import {
  planSwitchover,
  type PlanContext,
  type SwitchoverRequest,
} from "../../../src/switchover/plan.ts";
import {
  entryAt,
  grantedRequest,
  grantingContext,
  linkTo,
} from "../../support/switchover-samples.ts";

const held = {
  code: "CF_SWITCHOVER_HELD",
  message: "it could not be undone",
  hint: "mend it",
  since: 5,
  switchoverId: 3,
} as const;

interface Refused {
  readonly why: string;
  readonly code: string;
  readonly request?: Partial<SwitchoverRequest>;
  readonly context?: Partial<PlanContext>;
}
const refused: readonly Refused[] = [
  { why: "held", code: "CF_SWITCHOVER_HELD", context: { held } },
  {
    why: "held, even while one is open",
    code: "CF_SWITCHOVER_HELD",
    context: { held, open: entryAt("held") },
  },
  { why: "another one is open", code: "CF_SWITCHOVER_OPEN", context: { open: entryAt("flipped") } },
  { why: "paused", code: "CF_SWITCHOVER_PAUSED", context: { paused: true } },
  { why: "cooldown", code: "CF_SWITCHOVER_COOLDOWN", context: { cooldownUntil: 9 } },
  {
    why: "cooldown of a failback",
    code: "CF_SWITCHOVER_COOLDOWN",
    request: { cause: "failback" },
    context: { cooldownUntil: 9 },
  },
  { why: "no slot", code: "CF_SLOT_MISSING", context: { slot: { kind: "missing" } } },
  {
    why: "a directory for a slot",
    code: "CF_SLOT_NOT_A_LINK",
    context: { slot: { kind: "notALink", what: "directory" } },
  },
  {
    why: "a link loop",
    code: "CF_SLOT_NOT_A_LINK",
    context: { slot: { kind: "loop", text: "slot" } },
  },
  { why: "an unknown account", code: "CF_SWITCHOVER_UNKNOWN_ACCOUNT", request: { to: "three" } },
  {
    why: "an unconfigured active account",
    code: "CF_SWITCHOVER_DISAGREE",
    context: { active: "gone" },
  },
  { why: "no active account", code: "CF_SWITCHOVER_DISAGREE", context: { active: null } },
  { why: "the active account itself", code: "CF_SWITCHOVER_SAME_ACCOUNT", request: { to: "one" } },
  {
    why: "two accounts of one real home",
    code: "CF_SWITCHOVER_SAME_ACCOUNT",
    context: {
      accounts: [
        { name: "one", home: "/homes/one", realHome: "/real" },
        { name: "two", home: "/homes/two", realHome: "/real" },
      ],
    },
  },
  {
    why: "a link that leads elsewhere than the record",
    code: "CF_SWITCHOVER_DISAGREE",
    context: { slot: linkTo("/homes/two") },
  },
  {
    why: "an mtime that cannot be moved",
    code: "CF_SLOT_MTIME",
    context: { tick: { kind: "refused", message: "a link" } },
  },
];

describe("planning a switchover", () => {
  it.each(refused)("refuses: $why", ({ code, request, context }) => {
    const result = planSwitchover(
      { ...grantedRequest, ...request },
      { ...grantingContext, ...context },
    );
    expect(result.refused?.code).toBe(code);
    expect(result.refused?.hint).not.toBe("");
  });

  it("tells a second request about the first", () => {
    const open = entryAt("continuing", { id: 12, startedAt: 1_000 });
    const { refused: refusal } = planSwitchover(grantedRequest, { ...grantingContext, open });
    expect(refusal?.message).toBe(
      "Switchover 12 from one to two is under way since 1970-01-01T00:00:01.000Z.",
    );
    expect(refusal?.details).toMatchObject({ id: 12, from: "one", to: "two" });
  });

  it("lets an operator switch during the cooldown", () => {
    const context = { ...grantingContext, cooldownUntil: 9 };
    expect(planSwitchover({ ...grantedRequest, cause: "switchover" }, context).refused).toBeNull();
  });

  it("accepts a slot that leads to the active home by another path, or to nothing any more", () => {
    const real = { name: "one", home: "/homes/one", realHome: "/mnt/one" };
    const accounts = [real, { name: "two", home: "/homes/two", realHome: "/homes/two" }];
    const elsewhere = { ...grantingContext, accounts, slot: linkTo("/mnt/one") };
    expect(planSwitchover(grantedRequest, elsewhere).refused).toBeNull();
    const gone = { ...grantingContext, slot: linkTo("/homes/one", { dangling: true }) };
    expect(planSwitchover(grantedRequest, gone).refused).toBeNull();
  });

  it("lists the exact steps, with the time it will set", () => {
    const tick = { kind: "tick", mtimeMs: 2_000 } as const;
    const result = planSwitchover(grantedRequest, { ...grantingContext, tick });
    if (result.refused !== null) throw new Error(result.refused.message);
    expect(result.plan.steps.map(({ step }) => step)).toEqual([
      "plan",
      "prepare",
      "lock",
      "flip",
      "verify",
      "continue",
    ]);
    expect(result.plan.steps[3]?.text).toContain("1970-01-01T00:00:02.000Z");
    expect(result.plan.steps[5]?.text).toBe("Continue ccl-1 (hot).");
    expect(result.plan.entry).toMatchObject({ linkBefore: "/homes/one", linkAfter: "/homes/two" });
  });
});
