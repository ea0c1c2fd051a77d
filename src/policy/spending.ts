import { forecast, type UsageSample } from "./forecast.ts";
import type { LimitWindow, WindowForecast } from "./model.ts";

/** One reading of one of an account's windows. */
export interface WindowSample extends UsageSample {
  readonly window: LimitWindow;
}

/** How fast accounts are being spent. Forecasts cost time, and stay true for a while. */
export class Spending {
  readonly #freshMs: number;
  readonly #known = new Map<string, { at: number; windows: readonly WindowForecast[] }>();

  /** `freshMs`: for how long a forecast is used, milliseconds. */
  constructor(freshMs: number) {
    this.#freshMs = freshMs;
  }

  /**
   * The forecasts of the account's windows at `now` (epoch ms), as far as they can be said; `read`
   * gives the readings that they stand on, where they are made anew.
   */
  of(account: string, now: number, read: () => readonly WindowSample[]): readonly WindowForecast[] {
    const known = this.#known.get(account);
    // Also where the clock was set back since.
    if (known !== undefined && Math.abs(now - known.at) < this.#freshMs) return known.windows;
    const windows = [...Map.groupBy(read(), ({ window }) => window)].flatMap(
      ([window, samples]) => {
        const told = forecast(samples, { window, now });
        return told === null ? [] : [{ window, ...told }];
      },
    );
    this.#known.set(account, { at: now, windows });
    return windows;
  }
}
