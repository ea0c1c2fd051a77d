import { forecast } from "../policy/forecast.ts";
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

/** How long a pace is kept in a simulation: reading it anew at every look takes most of the time. */
const FRESH_MS = 30 * 60_000;

/** The pace of the active account, by the forecast that the daemon makes. */
export class SimulatedSpending {
  #known: { account: string; at: number; windows: readonly WindowForecast[] } | null = null;

  of(usage: AccountUsage, now: number): readonly WindowForecast[] {
    const account = usage.account.name;
    const known = this.#known;
    if (known !== null && known.account === account && now - known.at < FRESH_MS)
      return known.windows;
    const windows = usage.readings(now).flatMap(({ window, samples }): WindowForecast[] => {
      const told = forecast(samples, { window, now });
      return told === null ? [] : [{ window, ...told }];
    });
    this.#known = { account, at: now, windows };
    return windows;
  }
}
