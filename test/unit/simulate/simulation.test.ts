import { describe, expect, it } from "vitest";
import type { Observation } from "../../../src/policy/model.ts";
import type { SimulatedPolicy } from "../../../src/simulate/model.ts";
import { policyNames } from "../../../src/simulate/policies.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";
import { outcomeOf, policyOf, simulatedAccounts, turnAt } from "../../support/simulated.ts";

const ONE = simulatedAccounts(["one"]);
const TWO = simulatedAccounts(["one", "two"]);
/** The second one crosses the limit. */
const THREE_TURNS = [turnAt(0), turnAt(1), turnAt(2)];

describe("a simulated fleet", () => {
  it("does what fits at once, and nothing else happens", () => {
    const outcome = outcomeOf("priority", ONE, [turnAt(0), turnAt(3, { fiveHour: 30 })]);
    expect(outcome.usedPoints).toBeCloseTo(90);
    expect(outcome).toMatchObject({
      turns: 2,
      unfinished: 0,
      blockedMinutes: 0,
      delayMinutes: { mean: 0, most: 0 },
      switches: 0,
      cutOff: 0,
      paidPoints: 0,
    });
  });

  it("waits for the reset with one account: the window began with its first request", () => {
    const { blockedMinutes, ...rest } = outcomeOf("priority", ONE, [...THREE_TURNS, turnAt(20)]);
    // Cut off after 1 h 40 min, the window ends after five hours.
    expect(blockedMinutes).toBeCloseTo(200, 0);
    expect(rest).toMatchObject({ cutOff: 1, switches: 0, unfinished: 0 });
    // Two thirds of the second turn were done: it ends 5 h 20 min after the first began.
    expect(rest.delayMinutes.most).toBeCloseTo(200, 0);
  });

  it("moves at the limit with two, and goes on within seconds", () => {
    const outcome = outcomeOf("priority", TWO, THREE_TURNS);
    expect(outcome).toMatchObject({ switches: 1, cutOff: 1, unfinished: 0 });
    expect(outcome.blockedMinutes).toBeLessThan(0.1);
    // 180 points of work, and a cold cache.
    expect(outcome.usedPoints).toBeCloseTo(180.2);
  });

  it("leaves unfinished what still waits when the trace ends", () => {
    expect(outcomeOf("wait", TWO, THREE_TURNS)).toMatchObject({ unfinished: 2, switches: 0 });
  });

  it("pays where an account may, and is cut off nowhere", () => {
    const paying = simulatedAccounts(["one"], { paidUsage: true });
    const outcome = outcomeOf("priority", paying, THREE_TURNS);
    expect(outcome.usedPoints).toBeCloseTo(180);
    expect(outcome.paidPoints).toBeCloseTo(80);
    expect(outcome).toMatchObject({
      cutOff: 0,
      unfinished: 0,
    });
  });

  it("counts a double allowance double", () => {
    const big = simulatedAccounts(["one"], { capacity: 2 });
    expect(outcomeOf("priority", big, THREE_TURNS)).toMatchObject({ cutOff: 0, blockedMinutes: 0 });
  });

  it("is held up by a week as by five hours, and an account's week begins anew", () => {
    const turns = [0, 10, 20, 30].map((hours) => turnAt(hours, { fiveHour: 10, weekly: 40 }));
    const outcome = outcomeOf("priority", ONE, [...turns, turnAt(200, { weekly: 0 })]);
    // The week ends six days after NOW; the third turn crosses its limit after 20.5 hours.
    expect(outcome.blockedMinutes / 60).toBeCloseTo(144 - 20.5, 1);
    expect(outcome).toMatchObject({ cutOff: 1, unfinished: 0 });
  });

  it("cuts off what else runs when nobody takes over", () => {
    const others = ["ccl-2", "ccl-3"].map((session) =>
      turnAt(0.5, { session, ms: 3 * HOUR, fiveHour: 30 }),
    );
    expect(outcomeOf("priority", ONE, [turnAt(0), ...others, turnAt(1)])).toMatchObject({
      cutOff: 3,
    });
    expect(outcomeOf("priority", TWO, [turnAt(0), ...others, turnAt(1)])).toMatchObject({
      cutOff: 1,
    });
  });

  it("charges a turn to each account for the share that ran under it", () => {
    const seen: Observation[] = [];
    const long = turnAt(0.5, { session: "ccl-2", ms: 2 * HOUR, fiveHour: 40 });
    const early: SimulatedPolicy = {
      ...policyOf("priority"),
      decide: (observation) => {
        seen.push(observation);
        return (observation.accounts[0]?.windows[0]?.usedPercent ?? 0) >= 50
          ? { kind: "failover", to: "two" }
          : { kind: "stay", until: null };
      },
    };
    outcomeOf(early, TWO, [turnAt(0), long, turnAt(1)]);
    const percents = seen.at(-1)?.accounts.map(({ windows }) => windows[0]?.usedPercent);
    // A quarter of it ran under the first one; two sessions read their conversations anew.
    expect(percents).toEqual([60 + 10, Math.round(60 + 30 + 0.4)]);
  });

  it("shows the policy what a client would tell: whole percentages, after an answer", () => {
    const seen: Observation[] = [];
    const watching: SimulatedPolicy = {
      ...policyOf("wait"),
      decide: (observation) => {
        seen.push(observation);
        return { kind: "stay", until: null };
      },
    };
    outcomeOf(watching, TWO, [turnAt(0, { fiveHour: 33.3, weekly: 3.6 })]);
    const [one, two] = seen.at(-1)?.accounts ?? [];
    expect(one?.windows).toEqual([
      { window: "fiveHour", usedPercent: 33, resetsAt: NOW + 5 * HOUR },
      { window: "weekly", usedPercent: 4, resetsAt: NOW + 144 * HOUR },
    ]);
    expect(two?.windows).toEqual([]);
  });
});

describe("every policy", () => {
  it.each(policyNames().filter((name) => name !== "wait"))(
    "%s finishes everything that two accounts can carry",
    (name) => {
      expect(outcomeOf(name, TWO, [...THREE_TURNS, turnAt(8)])).toMatchObject({ unfinished: 0 });
    },
  );

  it.each(policyNames())("%s lets a lone account go on after its reset", (name) => {
    expect(outcomeOf(name, ONE, [...THREE_TURNS, turnAt(20)])).toMatchObject({ unfinished: 0 });
  });
});
