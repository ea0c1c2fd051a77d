import { Hono } from "hono";
import type { ActionJson } from "./contract.ts";
import { bodyOf, checked } from "./request.ts";
import { answerBody, failbackBody, quarantineBody, releaseAccountBody } from "./requests.ts";

/** What an operator can tell the policy; the daemon does it. */
export interface PolicyHandlers {
  /** Back to the preferred account; with `release` only the pin of a switchover by hand ends. */
  failback(options: {
    session: string | null;
    dryRun: boolean;
    release: boolean;
  }): Promise<ActionJson>;
  confirm(options: { session: string | null }): Promise<ActionJson>;
  decline(options: { session: string | null }): ActionJson;
  quarantine(options: { account: string; reason: string | null }): ActionJson;
  releaseAccount(options: { account: string }): ActionJson;
}

/** The part of the API that answers the policy, and says which accounts it may use. */
export function policyRoutes(handlers: PolicyHandlers): Hono {
  const app = new Hono();
  app.post("/v1/failback", async (context) => {
    const request = checked(failbackBody, await bodyOf(context.req.raw));
    return context.json(await handlers.failback(request));
  });
  app.post("/v1/confirm", async (context) => {
    const request = checked(answerBody, await bodyOf(context.req.raw));
    return context.json(await handlers.confirm(request));
  });
  app.post("/v1/decline", async (context) => {
    const request = checked(answerBody, await bodyOf(context.req.raw));
    return context.json(handlers.decline(request));
  });
  app.post("/v1/quarantine", async (context) => {
    const request = checked(quarantineBody, await bodyOf(context.req.raw));
    return context.json(handlers.quarantine(request));
  });
  app.post("/v1/release-account", async (context) => {
    const request = checked(releaseAccountBody, await bodyOf(context.req.raw));
    return context.json(handlers.releaseAccount(request));
  });
  return app;
}
