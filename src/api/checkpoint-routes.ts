import { Hono } from "hono";
import type { CheckpointsJson } from "./checkpoint-contract.ts";
import type { CheckpointFilter } from "./checkpoint-view.ts";
import { checked } from "./request.ts";
import { checkpointsQuery } from "./requests.ts";

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
