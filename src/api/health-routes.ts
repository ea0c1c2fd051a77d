import { Hono } from "hono";
import type { HealthJson } from "./health-contract.ts";

/** What the API can be asked about the daemon itself; the daemon answers. */
export interface HealthHandlers {
  health(): HealthJson;
  /** In the Prometheus text format. */
  metrics(): string;
}

/** The part of the API that is for monitoring. */
export function healthRoutes(handlers: HealthHandlers): Hono {
  const app = new Hono();
  app.get("/healthz", (context) => {
    const health = handlers.health();
    return context.json(health, health.healthy ? 200 : 503);
  });
  app.get("/readyz", (context) => {
    const health = handlers.health();
    return context.json(health, health.ready ? 200 : 503);
  });
  app.get("/metrics", (context) =>
    context.body(handlers.metrics(), 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    }),
  );
  return app;
}
