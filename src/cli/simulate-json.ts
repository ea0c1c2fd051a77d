import type { SCHEMA } from "../api/contract.ts";
import type { Outcome } from "../simulate/model.ts";

/** What `simulate --json` prints; docs/json.md explains it. */
export interface SimulationJson {
  readonly schema: typeof SCHEMA;
  /** The file, or null for generated usage. */
  readonly trace: string | null;
  readonly seed: number | null;
  readonly accounts: number;
  readonly sessions: number;
  /** One for each policy, in the order in which they were named. */
  readonly outcomes: readonly Outcome[];
}
