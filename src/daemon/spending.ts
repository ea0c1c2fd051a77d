import { forecast } from "../policy/forecast.ts";
import type { LimitWindow, WindowForecast } from "../policy/model.ts";
import type { Store } from "../store/store.ts";
import { recentUsage } from "./observe.ts";

/** A pace is read over an hour and more: half a minute later it is the same. */
const FRESH_MS = 30_000;

/** How fast an account is being spent, read from its stored readings now and then. */
export class Spending {
  readonly #store: Store;
  #known: { account: string; at: number; windows: readonly WindowForecast[] } | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The forecasts of the account's windows at `now` (epoch ms), as far as they can be said. */
  of(account: string, now: number): readonly WindowForecast[] {
    const known = this.#known;
    if (known !== null && known.account === account && now - known.at < FRESH_MS)
      return known.windows;
    const usage = recentUsage(this.#store, account, now);
    const windows = [...new Set(usage.map(({ window }) => window))].flatMap(
      (window: LimitWindow) => {
        const own = usage.filter((each) => each.window === window);
        const told = forecast(own, { window, now });
        return told === null ? [] : [{ window, ...told }];
      },
    );
    this.#known = { account, at: now, windows };
    return windows;
  }
}
