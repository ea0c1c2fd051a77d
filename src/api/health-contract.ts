import type { SCHEMA } from "./contract.ts";

export interface HealthJson {
  readonly schema: typeof SCHEMA;
  /** Not held, and the loop went round lately. */
  readonly healthy: boolean;
  /** Healthy, connected to tmux, and the active account is known. */
  readonly ready: boolean;
  /** `held`, `stale`, `tmux`, `noAccount`. */
  readonly problems: readonly string[];
  readonly paused: boolean;
  /** How long ago the last whole look at everything ended; null before the first one. */
  readonly lastLookMs: number | null;
}
