import type { LimitWindow } from "../policy/model.ts";
import type { SCHEMA } from "./contract.ts";

/** How much of each window was used, as the clients told it. */
export interface UsageJson {
  readonly schema: typeof SCHEMA;
  readonly accounts: readonly {
    readonly name: string;
    readonly windows: readonly {
      readonly window: LimitWindow;
      /** Epoch milliseconds and percent, oldest first; at most 500, evenly thinned out. */
      readonly points: readonly (readonly [at: number, usedPercent: number])[];
    }[];
  }[];
}
