import type { Observation } from "../../src/policy/model.ts";
import { failover, none, one, refused, stay, three, two, type Row } from "./decide-rows.ts";
import { accountNamed, evidenceOf, HOUR, MINUTE, NOW } from "./policy-samples.ts";

/** Nothing was refused; `one` has these windows, `two` may take over. */
const quiet = (changes: object, seen: Partial<Observation> = {}): Partial<Observation> => ({
  evidence: none,
  accounts: [one(changes), two({})],
  ...seen,
});
const used = (window: string, usedPercent: number, resetsAt: number | null = NOW + HOUR) => ({
  windows: [{ window, usedPercent, resetsAt }],
});
/** `two` is active, and the preferred `one` is free again since half an hour. */
const away = (seen: Partial<Observation> = {}): Partial<Observation> => ({
  active: "two",
  evidence: none,
  accounts: [one({ exhaustedUntil: NOW - HOUR / 2 }), two({})],
  ...seen,
});
const dead = { quarantined: "auth in session ccl-1", diedAt: NOW - 1_000 };

/** What moves the fleet, or nearly, although nobody was refused; and a return. */
export const LEAVING: readonly Row[] = [
  {
    title: "five hours at the threshold, at a turn's end",
    seen: quiet(used("fiveHour", 95)),
    code: "thresholdReached",
    is: { ...failover, cause: "failover", trigger: null },
  },
  {
    title: "the week at its own threshold",
    seen: quiet(used("weekly", 98)),
    code: "thresholdReached",
    is: failover,
  },
  { title: "the week just below it", seen: quiet(used("weekly", 97.9)), code: "healthy", is: stay },
  {
    title: "a percentage from before the reset",
    seen: quiet(used("fiveHour", 100, NOW)),
    code: "healthy",
    is: stay,
  },
  {
    title: "the account's own ceiling",
    seen: quiet({ ...used("fiveHour", 80), ceiling: { fiveHour: 80, weekly: 98 } }),
    code: "thresholdReached",
    is: failover,
  },
  {
    title: "thresholds that are switched off",
    seen: quiet({ ...used("fiveHour", 100), ceiling: { fiveHour: 100, weekly: 100 } }),
    code: "healthy",
    is: stay,
  },
  {
    title: "a model's window at the threshold, with a session on it",
    seen: quiet(used("model:opus", 98), { models: ["claude-opus-5-5"] }),
    code: "thresholdReached",
    is: failover,
  },
  {
    title: "a model's window at the threshold, with no session on it",
    seen: quiet(used("model:opus", 98), { models: ["claude-sonnet-5"] }),
    code: "healthy",
    is: stay,
  },
  {
    title: "while turns run the move waits for the end of one",
    seen: quiet(used("fiveHour", 95), { atTurnEnd: false }),
    code: "turnEnd",
    is: stay,
  },
  {
    title: "nobody has more left",
    seen: { evidence: none, accounts: [one(used("fiveHour", 96)), two(used("fiveHour", 91))] },
    code: "nearLimit",
    is: stay,
  },
  {
    title: "after a switchover by hand the fleet stays",
    seen: quiet(used("fiveHour", 96), { pinned: "one" }),
    code: "pinned",
    is: stay,
  },
  {
    title: "in the cooldown a threshold waits",
    seen: quiet(used("fiveHour", 96), { lastSwitchAt: NOW - MINUTE }),
    code: "cooldown",
    is: { kind: "stay", until: NOW + 4 * MINUTE },
  },
  {
    title: "with mode confirm a threshold is proposed, also while turns run",
    seen: quiet(used("fiveHour", 96), { atTurnEnd: false }),
    settings: { mode: "confirm" },
    code: "thresholdReached",
    is: { kind: "propose", to: "two", key: "threshold:one" },
  },
  {
    title: "what was declined is not proposed again",
    seen: quiet(used("fiveHour", 96), { answered: "threshold:one" }),
    settings: { mode: "confirm" },
    code: "declined",
    is: stay,
  },
  {
    title: "a limit is proposed although the threshold was declined",
    seen: { answered: "threshold:one" },
    settings: { mode: "confirm" },
    code: "limitReachedAsk",
    is: { kind: "propose", key: "limit:one" },
  },
  {
    title: "a pin does not outlast the limit",
    seen: { pinned: "one" },
    code: "limitReached",
    is: failover,
  },
  {
    title: "a limit of the model that sessions are on",
    seen: { evidence: [evidenceOf({ refusal: { window: "model:opus" } })], models: ["opus-5"] },
    code: "limitReached",
    is: { ...failover, key: "limit:one:model:opus" },
  },
  {
    title: "a limit of the model that sessions are on, spent everywhere",
    seen: {
      evidence: [evidenceOf({ refusal: { window: "model:opus" } })],
      models: ["opus-5"],
      accounts: [one, two].map((make) =>
        make({ windows: [{ ...used("model:opus", 100).windows[0], exhaustedUntil: NOW + HOUR }] }),
      ),
    },
    code: "modelOnly",
    is: { kind: "stay", until: NOW + HOUR },
  },
  {
    title: "a model's limit that is over lets its sessions go on",
    seen: {
      evidence: [evidenceOf({ refusal: { window: "model:opus" } })],
      models: ["opus-5"],
      accounts: [
        one({ windows: [{ ...used("model:opus", 100).windows[0], exhaustedUntil: NOW }] }),
        two({}),
      ],
    },
    code: "resetPassed",
    is: { kind: "continue", sessions: ["ccl-1"] },
  },
  {
    title: "a reset is believed when the jitter is over",
    seen: { accounts: [one({ exhaustedUntil: NOW - 1_000 + 500 })], jitterMs: 700 },
    code: "allExhausted",
    is: { kind: "wait", until: NOW + 200 },
  },
  {
    title: "a dead login is left",
    seen: { accounts: [one(dead), two({})], evidence: refused("auth") },
    code: "accountDead",
    is: { ...failover, trigger: { refusal: { class: "auth" } } },
  },
  {
    title: "a dead login is left after a restart, too",
    seen: quiet(dead),
    code: "accountDead",
    is: { ...failover, trigger: null },
  },
  {
    title: "a dead login is only told when so configured",
    seen: quiet(dead),
    settings: { accountTrouble: "stay" },
    code: "accountTrouble",
    is: stay,
  },
  {
    title: "an account that the operator keeps out is left whatever is configured",
    seen: quiet({ ...dead, diedAt: null }),
    settings: { accountTrouble: "stay" },
    code: "accountDead",
    is: failover,
  },
  {
    title: "a dead login with nobody to take over",
    seen: { evidence: none, accounts: [one(dead), two({ loggedIn: false })] },
    code: "accountTrouble",
    is: stay,
  },
  {
    title: "a second account that dies soon after the first",
    seen: {
      evidence: none,
      accounts: [one(dead), two({ ...dead, diedAt: NOW - 29 * MINUTE }), accountNamed("three")],
    },
    code: "authHold",
    is: stay,
  },
  {
    title: "a second account that dies long after the first",
    seen: {
      evidence: none,
      accounts: [one(dead), two({ ...dead, diedAt: NOW - 31 * MINUTE }), accountNamed("three")],
    },
    code: "accountDead",
    is: { to: "three" },
  },
  {
    title: "paid usage is left at once",
    seen: quiet({ paidUntil: NOW + HOUR }, { atTurnEnd: false }),
    code: "paidUsage",
    is: failover,
  },
  {
    title: "paid usage everywhere",
    seen: {
      evidence: none,
      accounts: [one({ paidUntil: NOW + HOUR }), two({ paidUntil: NOW + HOUR })],
    },
    code: "paidUsage",
    is: { kind: "stay", until: NOW + HOUR },
  },
  {
    title: "paid usage that is allowed",
    seen: quiet({ paidUntil: NOW + HOUR }),
    settings: { overage: "allow" },
    code: "healthy",
    is: stay,
  },
  {
    title: "back to the preferred account",
    seen: away(),
    code: "failbackDue",
    is: { kind: "failover", cause: "failback", from: "two", to: "one", trigger: null },
  },
  {
    title: "not before the delay is over",
    seen: away({ accounts: [one({ exhaustedUntil: NOW - MINUTE }), two({})] }),
    code: "failbackLater",
    is: { kind: "stay", until: NOW + 9 * MINUTE },
  },
  {
    title: "not before the active account was there for a while",
    seen: away({ activeSince: NOW - MINUTE }),
    code: "failbackLater",
    is: { kind: "stay", until: NOW + 9 * MINUTE },
  },
  {
    title: "to the next preferred account where the first refused just now",
    seen: away({ active: "three", accounts: [one({}), two({}), three({})], refused: ["one"] }),
    code: "failbackDue",
    is: { kind: "failover", cause: "failback", from: "three", to: "two" },
  },
  {
    title: "to one that refused just now where no other is preferred",
    seen: away({ refused: ["one"] }),
    code: "failbackDue",
    is: { kind: "failover", cause: "failback", from: "two", to: "one" },
  },
  { title: "not from a pin", seen: away({ pinned: "two" }), code: "pinned", is: stay },
  { title: "not while turns run", seen: away({ atTurnEnd: false }), code: "turnEnd", is: stay },
  {
    title: "not to one that is still above its threshold",
    seen: away({ accounts: [one(used("fiveHour", 96)), two({})] }),
    code: "healthy",
    is: stay,
  },
  {
    title: "not where it is switched off",
    seen: away(),
    settings: { failback: { enabled: false, delayMs: 0 } },
    code: "healthy",
    is: stay,
  },
  {
    title: "not by a rule that prefers nobody",
    seen: away(),
    settings: { candidate: "mostHeadroom" },
    code: "healthy",
    is: stay,
  },
];
