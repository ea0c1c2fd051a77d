import { Hono } from "hono";
import type { ActionJson, SessionsJson } from "./contract.ts";
import { bodyOf, checked } from "./request.ts";
import { downBody, drainBody, holdBody, releaseBody } from "./requests.ts";

/** What the API can be asked about sessions; the daemon answers. `session` null: all of them. */
export interface SessionHandlers {
  sessions(): SessionsJson;
  /** Leaves a session alone: nothing typed, nothing dispatched, not started again. */
  hold(session: string): ActionJson;
  /** Ends whatever keeps sessions from being acted on: hold, drain, a crash loop, an end. */
  release(session: string | null): ActionJson;
  /** Gives no new work; with `undo` gives it again. */
  drain(options: { session: string | null; undo: boolean }): ActionJson;
  /** Ends the clients of all sessions that are ours, and their panes. */
  down(options: { dryRun: boolean; force: boolean; waitMs: number }): Promise<ActionJson>;
}

/** The part of the API that is about sessions. */
export function sessionRoutes(handlers: SessionHandlers): Hono {
  const app = new Hono();
  app.get("/v1/sessions", (context) => context.json(handlers.sessions()));
  app.post("/v1/hold", async (context) => {
    const { session } = checked(holdBody, await bodyOf(context.req.raw));
    return context.json(handlers.hold(session));
  });
  app.post("/v1/release", async (context) => {
    const { session } = checked(releaseBody, await bodyOf(context.req.raw));
    return context.json(handlers.release(session));
  });
  app.post("/v1/drain", async (context) =>
    context.json(handlers.drain(checked(drainBody, await bodyOf(context.req.raw)))),
  );
  app.post("/v1/down", async (context) =>
    context.json(await handlers.down(checked(downBody, await bodyOf(context.req.raw)))),
  );
  return app;
}
