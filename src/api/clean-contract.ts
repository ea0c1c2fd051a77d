import type { SCHEMA } from "./contract.ts";

/** What was removed of one kind in one place, or would be. */
export interface RemovedJson {
  /** `taskFiles`, `dispatchedFiles`, `settingsFiles`, `slotLinks`, `log`, or a table of the database. */
  readonly kind: string;
  /** Where the paths lie; null for rows of the database. */
  readonly folder: string | null;
  readonly paths: readonly string[];
  /** How many files or rows. */
  readonly count: number;
  readonly bytes: number;
  readonly why: string;
}

export interface CleanedJson {
  readonly schema: typeof SCHEMA;
  /** Nothing was removed. */
  readonly dryRun: boolean;
  readonly removed: readonly RemovedJson[];
}
