import { Hono } from "hono";
import { FailoverError } from "../errors.ts";
import type { ActionJson } from "./contract.ts";
import { bodyOf } from "./request.ts";

/** What the API can be asked to do with the accounts; the daemon does it. */
export interface ControlHandlers {
  switchover(options: { to: string | null; dryRun: boolean }): Promise<ActionJson>;
  pause(): ActionJson;
  resume(): ActionJson;
  recover(options: { dryRun: boolean }): Promise<ActionJson>;
}

/** The part of the API that moves, stops and mends. */
export function controlRoutes(handlers: ControlHandlers): Hono {
  const app = new Hono();
  app.post("/v1/switchover", async (context) => {
    const { to, dryRun } = await bodyOf(context.req.raw);
    if (to !== undefined && typeof to !== "string")
      throw new FailoverError("CF_API_REQUEST", "`to` must be the name of an account.");
    return context.json(await handlers.switchover({ to: to ?? null, dryRun: dryRun === true }));
  });
  app.post("/v1/pause", (context) => context.json(handlers.pause()));
  app.post("/v1/resume", (context) => context.json(handlers.resume()));
  app.post("/v1/recover", async (context) => {
    const { dryRun } = await bodyOf(context.req.raw);
    return context.json(await handlers.recover({ dryRun: dryRun === true }));
  });
  return app;
}
