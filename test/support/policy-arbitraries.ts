import fc from "fast-check";
import {
  REFUSAL_CLASSES,
  type AccountView,
  type Evidence,
  type LimitWindow,
  type Observation,
  type PolicySettings,
} from "../../src/policy/model.ts";
import { accountNamed, evidenceOf, HOUR, NOW } from "./policy-samples.ts";

const NAMES = ["one", "two", "three", "four", "five"] as const;
const WINDOWS: readonly LimitWindow[] = [
  "fiveHour",
  "weekly",
  "overage",
  "unknown",
  "model:opus",
  "model:sonnet",
];

/** An instant around NOW, often NOW itself or one millisecond beside it. */
export const instants = fc.oneof(
  fc.constantFrom(NOW - 1, NOW, NOW + 1),
  fc.integer({ min: NOW - 9 * HOUR, max: NOW + 200 * HOUR }),
);

const windowUses = fc.record({
  window: fc.constantFrom(...WINDOWS),
  usedPercent: fc.option(fc.integer({ min: 0, max: 100 })),
  resetsAt: fc.option(instants),
});

function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, { arbitrary: value, weight: 1 });
}

/** Mostly healthy, so that decisions of every kind come up. */
const accountChanges: fc.Arbitrary<Partial<AccountView>> = fc.record({
  priority: fc.integer({ min: 1, max: 3 }),
  exhaustedUntil: fc.option(instants, { nil: null, freq: 2 }),
  quarantined: rarely(fc.constant("its login is dead")),
  loggedIn: fc.nat(4).map((each) => each > 0),
  linkProblem: rarely(fc.constant("projects is a folder")),
  identityProblem: rarely(fc.constant("it is somebody else")),
  diedAt: rarely(instants),
  paidUntil: rarely(instants),
  windows: fc.array(windowUses, { maxLength: 3 }),
});

const accountLists: fc.Arbitrary<readonly AccountView[]> = fc
  .array(accountChanges, { minLength: 1, maxLength: NAMES.length })
  .map((all) =>
    all.map(({ diedAt, ...changes }, index) =>
      accountNamed(NAMES[index] ?? "", {
        ...changes,
        diedAt: changes.quarantined === null ? null : (diedAt ?? null),
      }),
    ),
  );

/** Half of it usage limits of the first two accounts. */
export const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    account: fc.constantFrom("one", "one", "two"),
    session: fc.constantFrom("ccl-1", "ccl-2", "ccl-3"),
    channel: fc.constantFrom("row", "row", "hook", "hook", "statusline", "pane"),
    class: fc.constantFrom("usageLimit", "usageLimit", ...REFUSAL_CLASSES),
    window: fc.option(fc.constantFrom(...WINDOWS)),
    resetsAt: fc.option(instants),
    observedAt: instants,
  })
  .map(({ account, session, channel, observedAt, ...refusal }) =>
    evidenceOf({ account, session, channel, observedAt, refusal }),
  );

/** The same, and nothing but refusals may speak for leaving `one`, or for returning from it. */
export const calm = (seen: Observation): Observation => ({
  ...seen,
  limit: null,
  models: [],
  accounts: seen.accounts.map((account) =>
    account.name === "one"
      ? { ...account, quarantined: null, diedAt: null, paidUntil: null, windows: [], priority: 0 }
      : account,
  ),
});

const anything: fc.Arbitrary<Observation> = fc.record({
  active: fc.constant("one"),
  accounts: accountLists,
  evidence: fc.oneof(fc.constant([]), fc.array(evidence, { maxLength: 5 })),
  limit: fc.oneof(fc.constant(null), evidence),
  paused: fc.nat(9).map((each) => each === 0),
  held: rarely(fc.constant("the link was moved")),
  switchoverOpen: fc.nat(9).map((each) => each === 0),
  slotProblem: fc.nat(9).map((each) => (each === 0 ? "the link leads nowhere" : null)),
  lastSwitchAt: rarely(instants),
  activeSince: fc.oneof(
    fc.constant(NOW - 9 * HOUR),
    instants.filter((at) => at <= NOW),
  ),
  pinned: fc.constantFrom(null, null, null, "one", "two"),
  atTurnEnd: fc.boolean(),
  models: fc.subarray(["claude-opus-5-5", "claude-sonnet-5"]),
  spending: fc.array(
    fc.record({
      window: fc.constantFrom<LimitWindow>("fiveHour", "weekly"),
      percentPerHour: fc.double({ min: 0, max: 300, noNaN: true }),
      limitAt: fc.constant(null),
    }),
    { maxLength: 2 },
  ),
  jitterMs: fc.nat(2_000),
  answered: fc.constantFrom(null, null, "limit:one", "threshold:one", "failback:two"),
  refused: fc.subarray(["two", "three"]),
});

/** Nothing was refused, and every account works: only percentages and preferences are left. */
const healthy = { quarantined: null, diedAt: null, paidUntil: null, linkProblem: null } as const;
const quiet: fc.Arbitrary<Observation> = fc
  .tuple(anything, fc.array(fc.constantFrom(5, 50, 94, 97, 99), { minLength: 5, maxLength: 5 }))
  .map(([seen, used]) => ({
    ...seen,
    evidence: [],
    limit: null,
    paused: false,
    held: null,
    switchoverOpen: false,
    slotProblem: null,
    spending: [],
    lastSwitchAt: null,
    accounts: seen.accounts.map((account, index) => ({
      ...account,
      ...healthy,
      priority: index === 0 ? 4 : account.priority,
      loggedIn: true,
      identityProblem: null,
      exhaustedUntil: null,
      windows: [{ window: "fiveHour", usedPercent: used[index] ?? 0, resetsAt: NOW + HOUR }],
    })),
  }));

/** `one` is always there and always active. */
export const observations: fc.Arbitrary<Observation> = fc.oneof(
  { arbitrary: anything, weight: 4 },
  { arbitrary: quiet, weight: 1 },
);

export const policySettings: fc.Arbitrary<PolicySettings> = fc.record({
  mode: fc.constantFrom("auto", "auto", "confirm", "notify"),
  candidate: fc.constantFrom("priority", "mostHeadroom", "soonestReset"),
  cooldownMs: fc.constantFrom(0, 60_000, HOUR),
  failback: fc.record({ enabled: fc.boolean(), delayMs: fc.constantFrom(60_000, HOUR) }),
  overage: fc.constantFrom("avoid", "allow"),
  accountTrouble: fc.constantFrom("failover", "failover", "stay"),
});
