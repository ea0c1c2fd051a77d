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
  windows: fc.array(windowUses, { maxLength: 3 }),
});

const accountLists: fc.Arbitrary<readonly AccountView[]> = fc
  .array(accountChanges, { minLength: 1, maxLength: NAMES.length })
  .map((all) => all.map((changes, index) => accountNamed(NAMES[index] ?? "", changes)));

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

/** `one` is always there and always active. */
export const observations: fc.Arbitrary<Observation> = fc.record({
  active: fc.constant("one"),
  accounts: accountLists,
  evidence: fc.array(evidence, { maxLength: 5 }),
  paused: fc.nat(9).map((each) => each === 0),
  held: rarely(fc.constant("the link was moved")),
  switchoverOpen: fc.nat(9).map((each) => each === 0),
  lastSwitchAt: rarely(instants),
});

export const policySettings: fc.Arbitrary<PolicySettings> = fc.record({
  mode: fc.constantFrom("auto", "auto", "confirm", "notify"),
  candidate: fc.constantFrom("priority", "mostHeadroom", "soonestReset"),
  cooldownMs: fc.constantFrom(0, 60_000, HOUR),
});
