import type { Evidence, Observation, PolicySettings, ReasonCode } from "../../src/policy/model.ts";
import { accountNamed, evidenceOf, HOUR, MINUTE, NOW } from "./policy-samples.ts";

/** One observation, and the decision that it must lead to. */
export interface Row {
  readonly title: string;
  readonly seen?: Partial<Observation>;
  readonly settings?: Partial<PolicySettings>;
  readonly code: ReasonCode;
  /** Parts of the decision besides its reason. */
  readonly is: object;
}

export const none: readonly Evidence[] = [];
export const one = (changes: object) => accountNamed("one", changes);
export const two = (changes: object) => accountNamed("two", { priority: 2, ...changes });
export const three = (changes: object) => accountNamed("three", { priority: 3, ...changes });
export const spent = { exhaustedUntil: NOW + 2 * HOUR };
export const failover = { kind: "failover", from: "one", to: "two" };
export const stay = { kind: "stay", until: null };
/** Evidence of another class than a usage limit, against the active account. */
export const refused = (refusalClass: Evidence["refusal"]["class"]) => [
  evidenceOf({ refusal: { class: refusalClass, window: null, resetsAt: null } }),
];

/** Refusals, and what keeps the fleet where it is. */
export const REFUSED: readonly Row[] = [
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
    seen: { switchoverOpen: true, slotProblem: "The slot is missing." },
    code: "switchoverOpen",
    is: stay,
  },
  {
    title: "where the slot leads to no account nothing moves",
    seen: { slotProblem: "The slot is missing." },
    code: "slotAstray",
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
    title: "every account spent, the one that is free first also logged out",
    seen: { accounts: [one(spent), two({ exhaustedUntil: NOW + HOUR, loggedIn: false })] },
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

const elsewhere = { evidence: none, limit: evidenceOf({ session: "api" }) };

/** The account is exhausted by a session of another slot: nobody's turn was cut off in this one. */
export const EXHAUSTED_ELSEWHERE: readonly Row[] = [
  {
    title: "another slot's session met the limit: it moves before anybody here asks",
    seen: { ...elsewhere, atTurnEnd: false },
    code: "limitReached",
    is: { ...failover, trigger: elsewhere.limit, key: "exhausted:one" },
  },
  {
    title: "another slot's limit after a no to leave it for a turn that was cut off",
    seen: { ...elsewhere, answered: "limit:one" },
    settings: { mode: "confirm" },
    code: "declined",
    is: stay,
  },
  {
    title: "a turn is cut off here after a no to leave it for another slot's",
    seen: { limit: elsewhere.limit, answered: "exhausted:one" },
    settings: { mode: "confirm" },
    code: "limitReachedAsk",
    is: { kind: "propose", key: "limit:one" },
  },
  {
    title: "a limit here counts before another slot's",
    seen: { limit: elsewhere.limit },
    code: "limitReached",
    is: { ...failover, key: "limit:one" },
  },
  {
    title: "one model's limit here does not hide another slot's of the account",
    seen: { ...elsewhere, evidence: [evidenceOf({ refusal: { window: "model:opus" } })] },
    code: "limitReached",
    is: failover,
  },
  {
    title: "another slot's limit that is over",
    seen: { ...elsewhere, accounts: [one({ exhaustedUntil: NOW }), two({})] },
    code: "healthy",
    is: stay,
  },
  {
    title: "another slot's limit of one model",
    seen: { ...elsewhere, limit: evidenceOf({ refusal: { window: "model:opus" } }) },
    code: "healthy",
    is: stay,
  },
  {
    title: "another slot's limit on a screen alone",
    seen: { ...elsewhere, limit: evidenceOf({ channel: "pane" }) },
    code: "healthy",
    is: stay,
  },
  {
    title: "another slot's limit, and an account that is nearly at its threshold",
    seen: {
      ...elsewhere,
      accounts: [
        one(spent),
        two({ windows: [{ window: "fiveHour", usedPercent: 94, resetsAt: NOW + HOUR }] }),
      ],
    },
    code: "limitReached",
    is: failover,
  },
  {
    title: "another slot's limit, and nobody may take over: nobody waits here",
    seen: { ...elsewhere, accounts: [one(spent), two(spent)] },
    code: "healthy",
    is: stay,
  },
  {
    title: "another slot's limit inside the cooldown",
    seen: { ...elsewhere, lastSwitchAt: NOW - 5 * MINUTE + 1 },
    code: "cooldown",
    is: { kind: "stay", until: NOW + 1 },
  },
  {
    title: "an operator switched to an account that was exhausted already",
    seen: { ...elsewhere, pinned: "one", activeSince: NOW - 500 },
    code: "healthy",
    is: stay,
  },
  {
    title: "an operator switched to an account that was exhausted since",
    seen: { ...elsewhere, pinned: "one" },
    code: "limitReached",
    is: failover,
  },
];
