import type { Evidence, Observation } from "../policy/model.ts";
import type { AccountUsage } from "./account.ts";
import type { SimulatedPolicy } from "./model.ts";

/** The look at the simulated world that the policy gets: the same as the daemon's. */
export function observationOf(options: {
  readonly active: string;
  readonly accounts: readonly AccountUsage[];
  readonly policy: SimulatedPolicy;
  readonly evidence: readonly Evidence[];
  readonly lastSwitchAt: number | null;
  readonly now: number;
}): Observation {
  const { active, accounts, policy, evidence, lastSwitchAt, now } = options;
  return {
    active,
    accounts: accounts.map((each) => each.view(policy, now)),
    evidence,
    paused: false,
    held: null,
    switchoverOpen: false,
    lastSwitchAt,
  };
}
