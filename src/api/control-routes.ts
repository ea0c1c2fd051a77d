import { Hono } from "hono";
import type { ActionJson } from "./contract.ts";
import { bodyOf, checked } from "./request.ts";
import { recoverBody, switchoverBody } from "./requests.ts";

/** What the API can be asked to do with the accounts; the daemon does it. */
export interface ControlHandlers {
  switchover(options: {
    session: string | null;
    to: string | null;
    dryRun: boolean;
  }): Promise<ActionJson>;
  pause(): ActionJson;
  resume(): ActionJson;
  recover(options: { dryRun: boolean }): Promise<ActionJson>;
}

/** The part of the API that moves, stops and mends. */
export function controlRoutes(handlers: ControlHandlers): Hono {
  const app = new Hono();
  app.post("/v1/switchover", async (context) => {
    const request = checked(switchoverBody, await bodyOf(context.req.raw));
    return context.json(await handlers.switchover(request));
  });
  app.post("/v1/pause", (context) => context.json(handlers.pause()));
  app.post("/v1/resume", (context) => context.json(handlers.resume()));
  app.post("/v1/recover", async (context) => {
    const request = checked(recoverBody, await bodyOf(context.req.raw));
    return context.json(await handlers.recover(request));
  });
  return app;
}
