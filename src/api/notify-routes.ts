import { Hono } from "hono";
import { FailoverError } from "../errors.ts";
import type { NotifyJson, NotifyTestJson } from "./notify-contract.ts";
import { bodyOf } from "./request.ts";

/** What the API can be asked about telling people; the daemon answers. */
export interface NotifyHandlers {
  notify(): NotifyJson;
  /** Sends a test message to one channel, or to all. Throws CF_API_REQUEST for an unknown one. */
  test(channel: string | null): Promise<NotifyTestJson>;
}

/** The part of the API that is about notifications. */
export function notifyRoutes(handlers: NotifyHandlers): Hono {
  const app = new Hono();
  app.get("/v1/notify", (context) => context.json(handlers.notify()));
  app.post("/v1/notify/test", async (context) => {
    const { channel } = await bodyOf(context.req.raw);
    if (channel !== undefined && typeof channel !== "string")
      throw new FailoverError("CF_API_REQUEST", "`channel` must be the name of a channel.");
    return context.json(await handlers.test(channel ?? null));
  });
  return app;
}
