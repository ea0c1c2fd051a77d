import { Hono } from "hono";
import { rfc3339 } from "../policy/rfc3339.ts";
import type { Store } from "../store/store.ts";
import { SCHEMA } from "./contract.ts";
import type { CheckpointsJson } from "./checkpoint-contract.ts";
import { checked } from "./request.ts";
import { checkpointsQuery } from "./requests.ts";

/** Which ones: those of a session, or for null the newest of each. */
export interface CheckpointFilter {
  readonly session: string | null;
  readonly limit: number;
}

/** What the API can be asked about checkpoints; the daemon answers. */
export interface CheckpointHandlers {
  checkpoints(filter: CheckpointFilter): CheckpointsJson;
}

/** The part of the API that is about checkpoints. */
export function checkpointRoutes(handlers: CheckpointHandlers): Hono {
  const app = new Hono();
  app.get("/v1/checkpoints", (context) => {
    const { session, limit } = checked(checkpointsQuery, context.req.query());
    const most = Math.min(limit, 10_000);
    return context.json(handlers.checkpoints({ session: session ?? null, limit: most }));
  });
  return app;
}

/** The answer of `checkpoint --json`; none where there is no state yet. */
export function checkpointsJson(store: Store | null, filter: CheckpointFilter): CheckpointsJson {
  const rows = store?.checkpoints.list(filter.session, filter.limit) ?? [];
  return { schema: SCHEMA, checkpoints: rows.map((row) => ({ ...row, at: rfc3339(row.at) })) };
}
