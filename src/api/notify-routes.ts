import { Hono } from "hono";
import type { NotifyJson, NotifyTestJson } from "./notify-contract.ts";
import { bodyOf, checked } from "./request.ts";
import { notifyTestBody } from "./requests.ts";

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
    const { channel } = checked(notifyTestBody, await bodyOf(context.req.raw));
    return context.json(await handlers.test(channel));
  });
  return app;
}
