import { rfc3339 } from "../policy/rfc3339.ts";
import type { Store } from "../store/store.ts";
import type { CheckpointsJson } from "./checkpoint-contract.ts";
import { SCHEMA } from "./contract.ts";

/** Which ones: those of a session, or for null the newest of each. */
export interface CheckpointFilter {
  readonly session: string | null;
  readonly limit: number;
}

/** The answer of `checkpoint --json`; none where there is no state yet. */
export function checkpointsJson(store: Store | null, filter: CheckpointFilter): CheckpointsJson {
  const rows = store?.checkpoints.list(filter.session, filter.limit) ?? [];
  return { schema: SCHEMA, checkpoints: rows.map((row) => ({ ...row, at: rfc3339(row.at) })) };
}
