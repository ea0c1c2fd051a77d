import { Hono } from "hono";
import { FailoverError } from "../errors.ts";
import type { ActionJson, SessionsJson } from "./contract.ts";
import { bodyOf } from "./request.ts";

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

const DEFAULT_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;

/** The part of the API that is about sessions. */
export function sessionRoutes(handlers: SessionHandlers): Hono {
  const app = new Hono();
  app.get("/v1/sessions", (context) => context.json(handlers.sessions()));
  app.post("/v1/hold", async (context) => {
    const { session } = await bodyOf(context.req.raw);
    const name = nameOf(session);
    if (name === null) throw new FailoverError("CF_API_REQUEST", "`session` must be named.");
    return context.json(handlers.hold(name));
  });
  app.post("/v1/release", async (context) => {
    const { session } = await bodyOf(context.req.raw);
    return context.json(handlers.release(nameOf(session)));
  });
  app.post("/v1/drain", async (context) => {
    const { session, undo } = await bodyOf(context.req.raw);
    return context.json(handlers.drain({ session: nameOf(session), undo: undo === true }));
  });
  app.post("/v1/down", async (context) => {
    const { dryRun, force, waitMs = DEFAULT_WAIT_MS } = await bodyOf(context.req.raw);
    const isBounded = typeof waitMs === "number" && waitMs >= 0 && waitMs <= LONGEST_WAIT_MS;
    if (!isBounded)
      throw new FailoverError("CF_API_REQUEST", "`waitMs` is milliseconds, at most one hour.");
    return context.json(
      await handlers.down({ dryRun: dryRun === true, force: force === true, waitMs }),
    );
  });
  return app;
}

function nameOf(session: unknown): string | null {
  if (session === undefined || session === null) return null;
  if (typeof session === "string" && session !== "") return session;
  throw new FailoverError("CF_API_REQUEST", "`session` must be the name of a session.");
}
