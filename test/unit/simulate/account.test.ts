import { describe, expect, it } from "vitest";
import { AccountUsage } from "../../../src/simulate/account.ts";
import { HOUR, NOW } from "../../support/policy-samples.ts";
import { policyOf, simulatedAccounts } from "../../support/simulated.ts";

function freshAccount(): AccountUsage {
  const [account] = simulatedAccounts(["one"]);
  if (account === undefined) throw new Error("no account");
  return new AccountUsage(account, NOW);
}

/** An hour's work. */
const COST = { ms: HOUR, fiveHour: 50, weekly: 5 };

/** What a policy that knows everything is shown, by hours after NOW. */
function shown(usage: AccountUsage, hours: number) {
  const [fiveHour, weekly] = usage.view(policyOf("swap-best"), NOW + hours * HOUR).windows;
  return { fiveHour, weekly };
}

describe("a simulated account", () => {
  it("begins five hours with work, and none while it rests", () => {
    const usage = freshAccount();
    usage.begin(COST, NOW);
    usage.end(COST, NOW + HOUR);
    expect(shown(usage, 2).fiveHour).toMatchObject({ usedPercent: 50, resetsAt: NOW + 5 * HOUR });
    expect(shown(usage, 6).fiveHour).toMatchObject({ usedPercent: 0, resetsAt: null });
    usage.begin(COST, NOW + 8 * HOUR);
    expect(shown(usage, 9).fiveHour).toMatchObject({ usedPercent: 50, resetsAt: NOW + 13 * HOUR });
  });

  it("begins the next five hours at once where work goes on", () => {
    const usage = freshAccount();
    const long = { ms: 10 * HOUR, fiveHour: 100, weekly: 10 };
    usage.begin(long, NOW);
    expect(shown(usage, 7).fiveHour).toMatchObject({ usedPercent: 20, resetsAt: NOW + 10 * HOUR });
  });

  it("begins its week anew every seven days, at its own hour", () => {
    const usage = freshAccount();
    usage.begin(COST, NOW);
    usage.end(COST, NOW + HOUR);
    expect(shown(usage, 143).weekly).toMatchObject({ usedPercent: 5, resetsAt: NOW + 144 * HOUR });
    expect(shown(usage, 144).weekly).toMatchObject({ usedPercent: 0, resetsAt: NOW + 312 * HOUR });
    expect(shown(usage, 1000).weekly).toMatchObject({ resetsAt: NOW + (144 + 6 * 168) * HOUR });
  });

  it("names the full window that lasts longest, exactly when it is full", () => {
    const usage = freshAccount();
    const both = { ms: HOUR, fiveHour: 200, weekly: 200 };
    usage.begin(both, NOW);
    expect(usage.mayBeFullAt(NOW)).toBe(NOW + HOUR / 2);
    expect(usage.fullWindow(NOW + HOUR / 2 - 1)).toBeNull();
    expect(usage.fullWindow(NOW + HOUR / 2)).toEqual({
      window: "weekly",
      resetsAt: NOW + 144 * HOUR,
    });
  });
});
