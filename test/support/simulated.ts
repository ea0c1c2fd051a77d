import type { Outcome, SimulatedAccount, SimulatedPolicy, Turn } from "../../src/simulate/model.ts";
import { policyNamed } from "../../src/simulate/policies.ts";
import { Simulation } from "../../src/simulate/simulation.ts";
import { HOUR, NOW, SETTINGS } from "./policy-samples.ts";

/** A turn of an hour that spends 60 % of a five-hour window, `hours` after NOW. */
export function turnAt(hours: number, changes: Partial<Turn> = {}): Turn {
  return {
    at: NOW + hours * HOUR,
    session: "ccl-1",
    ms: HOUR,
    fiveHour: 60,
    weekly: 6,
    ...changes,
  };
}

/** Accounts whose week begins a day before NOW. */
export function simulatedAccounts(
  names: readonly string[],
  changes: Partial<SimulatedAccount> = {},
): SimulatedAccount[] {
  return names.map((name, index) => ({
    name,
    priority: index + 1,
    capacity: 1,
    weeklyResetAt: NOW - 24 * HOUR,
    paidUsage: false,
    ...changes,
  }));
}

/** Ours or a peer's, by its name; ours with a cooldown of five minutes. */
export function policyOf(name: string): SimulatedPolicy {
  const ceiling = { fiveHour: 95, weekly: 98 };
  const policy = policyNamed(name, { settings: SETTINGS, ceiling });
  if (policy === null) throw new Error(`no policy ${name}`);
  return policy;
}

/** Plays everything, in steps of `stepWeeks`. */
export function outcomeOf(
  policy: string | SimulatedPolicy,
  accounts: readonly SimulatedAccount[],
  turns: Iterable<Turn>,
  stepWeeks = 1,
): Outcome {
  const own = typeof policy === "string" ? policyOf(policy) : policy;
  const simulation = new Simulation({ policy: own, accounts, turns });
  let isGoingOn = true;
  while (isGoingOn) isGoingOn = simulation.advance(stepWeeks);
  return simulation.outcome();
}
