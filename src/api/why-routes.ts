import { Hono } from "hono";
import { nothingCalled } from "./why-view.ts";
import type { WhyJson } from "./why-contract.ts";

/** What the API can be asked about reasons; the daemon answers. */
export interface WhyHandlers {
  /** Null when nothing is called so. */
  why(word: string | null): WhyJson | null;
}

/** The part of the API that explains. */
export function whyRoutes(handlers: WhyHandlers): Hono {
  const app = new Hono();
  app.get("/v1/why", (context) => {
    const { of } = context.req.query();
    const told = handlers.why(of ?? null);
    if (told !== null) return context.json(told);
    throw nothingCalled(of ?? "");
  });
  return app;
}
