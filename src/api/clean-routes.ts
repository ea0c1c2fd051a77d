import { Hono } from "hono";
import type { CleanedJson } from "./clean-contract.ts";
import { bodyOf, checked } from "./request.ts";
import { cleanBody } from "./requests.ts";

/** What the API can be asked about cleaning up; the daemon answers. */
export interface CleanHandlers {
  clean(how: { readonly dryRun: boolean }): Promise<CleanedJson>;
}

/** The part of the API that is about cleaning up. */
export function cleanRoutes(handlers: CleanHandlers): Hono {
  const app = new Hono();
  app.post("/v1/clean", async (context) => {
    const { dryRun } = checked(cleanBody, await bodyOf(context.req.raw));
    return context.json(await handlers.clean({ dryRun }));
  });
  return app;
}
