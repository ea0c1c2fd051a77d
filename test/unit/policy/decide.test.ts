import { describe, expect, it } from "vitest";
import { decide } from "../../../src/policy/decide.ts";
import {
  REASON_CODES,
  type Decision,
  type Evidence,
  type Observation,
  type PolicySettings,
  type ReasonCode,
} from "../../../src/policy/model.ts";
import {
  accountNamed,
  evidenceOf,
  HOUR,
  MINUTE,
  NOW,
  observationOf,
  SETTINGS,
} from "../../support/policy-samples.ts";

interface Row {
  readonly title: string;
  readonly seen?: Partial<Observation>;
  readonly settings?: Partial<PolicySettings>;
  readonly code: ReasonCode;
  /** Parts of the decision besides its reason. */
  readonly is: object;
}

const none: readonly Evidence[] = [];
const one = (changes: object) => accountNamed("one", changes);
const two = (changes: object) => accountNamed("two", { priority: 2, ...changes });
const spent = { exhaustedUntil: NOW + 2 * HOUR };
const failover = { kind: "failover", from: "one", to: "two" };
const stay = { kind: "stay", until: null };
/** Evidence of another class than a usage limit, against the active account. */
const refused = (refusalClass: Evidence["refusal"]["class"]) => [
  evidenceOf({ refusal: { class: refusalClass, window: null, resetsAt: null } }),
];

const ROWS: readonly Row[] = [
  { title: "a limit of the active account moves the fleet", code: "limitReached", is: failover },
  {
    title: "a hook is enough",
    seen: { evidence: [evidenceOf({ channel: "hook" })] },
    code: "limitReached",
    is: failover,
  },
  {
    title: "a limit whose window nobody named counts for the whole account",
    seen: { evidence: [evidenceOf({ refusal: { window: "unknown", resetsAt: null } })] },
    code: "limitReached",
    is: failover,
  },
  {
    title: "a busy server after the limit does not hide it",
    seen: { evidence: [evidenceOf(), ...refused("serverBusy")] },
    code: "limitReached",
    is: failover,
  },
  {
    title: "an account whose reset nobody knows still moves",
    seen: { accounts: [one({}), two({})] },
    code: "limitReached",
    is: failover,
  },
  {
    title: "mode confirm only proposes",
    settings: { mode: "confirm" },
    code: "limitReachedAsk",
    is: { ...failover, kind: "propose" },
  },
  {
    title: "mode notify only tells",
    settings: { mode: "notify" },
    code: "limitReachedNotify",
    is: { ...failover, kind: "propose" },
  },
  {
    title: "a held switchover counts before everything else",
    seen: { held: "The link was moved.", paused: true, switchoverOpen: true },
    code: "held",
    is: stay,
  },
  {
    title: "paused means observing only",
    seen: { paused: true, switchoverOpen: true },
    code: "paused",
    is: stay,
  },
  {
    title: "one switchover at a time",
    seen: { switchoverOpen: true },
    code: "switchoverOpen",
    is: stay,
  },
  {
    title: "inside the cooldown it waits for its end",
    seen: { lastSwitchAt: NOW - 5 * MINUTE + 1 },
    code: "cooldown",
    is: { kind: "stay", until: NOW + 1 },
  },
  {
    title: "at the end of the cooldown it moves",
    seen: { lastSwitchAt: NOW - 5 * MINUTE },
    code: "limitReached",
    is: failover,
  },
  {
    title: "nothing was seen",
    seen: { evidence: none },
    code: "healthy",
    is: stay,
  },
  {
    title: "a limit of another account is over with the switch",
    seen: { evidence: [evidenceOf({ account: "two" })] },
    code: "healthy",
    is: stay,
  },
  {
    title: "a request of its own fault is no reason to move",
    seen: { evidence: refused("contextOrRequest") },
    code: "healthy",
    is: stay,
  },
  {
    title: "a refusal nobody understands is no reason to move",
    seen: { evidence: refused("unknown") },
    code: "healthy",
    is: stay,
  },
  {
    title: "text on a screen only makes it suspect",
    seen: { evidence: [evidenceOf({ channel: "pane" })] },
    code: "notConfirmed",
    is: stay,
  },
  {
    title: "a status line only makes it suspect",
    seen: { evidence: [evidenceOf({ channel: "statusline" })] },
    code: "notConfirmed",
    is: stay,
  },
  {
    title: "one model's limit leaves the account to the others",
    seen: { evidence: [evidenceOf({ refusal: { window: "model:opus" } })] },
    code: "modelOnly",
    is: stay,
  },
  { title: "a busy server", seen: { evidence: refused("serverBusy") }, code: "backOff", is: stay },
  { title: "an overload", seen: { evidence: refused("overload") }, code: "backOff", is: stay },
  { title: "a dead login", seen: { evidence: refused("auth") }, code: "accountTrouble", is: stay },
  {
    title: "an unpaid bill",
    seen: { evidence: refused("billing") },
    code: "accountTrouble",
    is: stay,
  },
  {
    title: "a forbidden service",
    seen: { evidence: refused("orgPolicy") },
    code: "accountTrouble",
    is: stay,
  },
  {
    title: "after the reset the sessions it cut off go on under the same account",
    seen: {
      accounts: [one({ exhaustedUntil: NOW }), two({})],
      evidence: [evidenceOf(), evidenceOf({ session: "ccl-2" })],
    },
    code: "resetPassed",
    is: { kind: "continue", sessions: ["ccl-1", "ccl-2"] },
  },
  {
    title: "a reset from before the refusal is an older limit's",
    seen: { accounts: [one({ exhaustedUntil: NOW - 1_000 }), two({})] },
    code: "limitReached",
    is: failover,
  },
  {
    title: "a session at one model's limit does not go on with the account's reset",
    seen: {
      accounts: [one({ exhaustedUntil: NOW - 1 }), two({})],
      evidence: [
        evidenceOf(),
        evidenceOf({ session: "ccl-2", refusal: { window: "model:opus" } }),
        evidenceOf({ session: "ccl-3", account: "two" }),
      ],
    },
    code: "resetPassed",
    is: { kind: "continue", sessions: ["ccl-1"] },
  },
  {
    title: "every account spent: wait for the earliest reset",
    seen: { accounts: [one(spent), two({ exhaustedUntil: NOW + HOUR })] },
    code: "allExhausted",
    is: { kind: "wait", until: NOW + HOUR },
  },
  {
    title: "every account spent, but only one tells its reset",
    seen: { accounts: [one({}), two(spent)] },
    code: "allExhausted",
    is: { kind: "wait", until: NOW + 2 * HOUR },
  },
  {
    title: "the only account there is",
    seen: { accounts: [one(spent)] },
    code: "allExhausted",
    is: { kind: "wait", until: NOW + 2 * HOUR },
  },
  {
    title: "the other account is logged out",
    seen: { accounts: [one(spent), two({ loggedIn: false })] },
    code: "noCandidate",
    is: { kind: "wait", until: NOW + 2 * HOUR },
  },
  {
    title: "the other account may not take over and no reset is known",
    seen: { accounts: [one({}), two({ quarantined: "its login is dead" })] },
    code: "noCandidate",
    is: { kind: "wait", until: null },
  },
];

function decideRow({ seen = {}, settings = {} }: Pick<Row, "seen" | "settings">): Decision {
  return decide(observationOf(seen), { ...SETTINGS, ...settings }, NOW);
}

describe("decide", () => {
  it.each(ROWS)("$title: $code", ({ seen, settings, code, is }) => {
    const decision = decideRow({ ...(seen && { seen }), ...(settings && { settings }) });
    expect(decision).toMatchObject({ ...is, reason: { code } });
    expect(decision.reason.text).not.toBe("");
  });

  it("has a row for every reason there is", () => {
    expect(new Set(ROWS.map(({ code }) => code))).toEqual(new Set(REASON_CODES));
  });

  it("names the newest confirmed limit as the trigger", () => {
    const newest = evidenceOf({ id: "e-2", session: "ccl-2" });
    const after = evidenceOf({ id: "e-3", session: "ccl-3", refusal: { window: "model:opus" } });
    const decision = decideRow({ seen: { evidence: [evidenceOf(), newest, after] } });
    expect(decision).toMatchObject({ trigger: { id: "e-2" } });
    expect(decision.reason.text).toBe(
      "one reached its limit in session ccl-2; two is the candidate by priority",
    );
  });

  it("tells what stood in the way of every account, also when it stays", () => {
    const accounts = [one(spent), two({ loggedIn: false })];
    for (const seen of [{ accounts }, { accounts, paused: true }, { accounts, evidence: none }]) {
      expect(decideRow({ seen }).accounts).toEqual([
        { account: "one", limitations: expect.arrayContaining([expect.anything()]) },
        { account: "two", limitations: [{ code: "loggedOut", text: "its home holds no login" }] },
      ]);
    }
  });

  it("tells its times as RFC 3339 in UTC", () => {
    const waiting = decideRow({ seen: { accounts: [one(spent)] } });
    expect(waiting.reason.text).toContain("the earliest reset is 2026-11-20T14:00:00.000Z");
    const cooling = decideRow({ seen: { lastSwitchAt: NOW } });
    expect(cooling.reason.text).toContain("which ends 2026-11-20T12:05:00.000Z");
  });
});
