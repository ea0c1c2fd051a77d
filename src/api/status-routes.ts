import { Hono } from "hono";
import type { HistoryJson, StatusJson } from "./contract.ts";
import type { UsageJson } from "./usage-contract.ts";
import type { ForensicHistoryJson } from "./why-contract.ts";
import { checked } from "./request.ts";
import { historyQuery, usageQuery } from "./requests.ts";

/** What the API can be asked about how things are and were; the daemon answers. */
export interface StatusHandlers {
  status(): StatusJson;
  /** Readings from `since` (epoch ms) on. */
  usage(since: number): UsageJson;
  /** With an id that one, or none, and everything that is known of it. */
  history(options: { id: number | null; limit: number }): HistoryJson | ForensicHistoryJson;
}

/** The part of the API that only tells. */
export function statusRoutes(handlers: StatusHandlers): Hono {
  const app = new Hono();
  app.get("/v1/status", (context) => context.json(handlers.status()));
  app.get("/v1/usage", (context) =>
    context.json(handlers.usage(checked(usageQuery, context.req.query()).since)),
  );
  app.get("/v1/history", (context) => {
    const { id, limit } = checked(historyQuery, context.req.query());
    return context.json(handlers.history({ id: id ?? null, limit }));
  });
  return app;
}
