import type { Evidence, Observation, WindowForecast } from "../policy/model.ts";
import type { AccountUsage } from "./account.ts";
import type { SimulatedPolicy } from "./model.ts";

/** The look at the simulated world that the policy gets: the same as the daemon's. */
export function observationOf(options: {
  readonly active: string;
  readonly accounts: readonly AccountUsage[];
  readonly policy: SimulatedPolicy;
  readonly evidence: readonly Evidence[];
  readonly lastSwitchAt: number | null;
  readonly activeSince: number;
  readonly atTurnEnd: boolean;
  readonly spending: readonly WindowForecast[];
  readonly now: number;
}): Observation {
  const { accounts, policy, now, ...seen } = options;
  return {
    ...seen,
    accounts: accounts.map((each) => each.view(policy, now)),
    // There is one slot: what exhausts its account stands in the evidence.
    limit: null,
    paused: false,
    held: null,
    switchoverOpen: false,
    slotProblem: null,
    pinned: null,
    models: [],
    jitterMs: 0,
    answered: null,
    refused: [],
  };
}
