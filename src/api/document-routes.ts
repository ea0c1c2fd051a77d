import { readFile } from "node:fs/promises";
import { Hono } from "hono";

/** From the sources as from `dist/`. */
const DOCUMENT = new URL("../../schema/openapi.json", import.meta.url);

/** The description of the API itself, as OpenAPI. */
export function documentRoutes(): Hono {
  const app = new Hono();
  app.get("/openapi.json", async (context) =>
    context.body(await readFile(DOCUMENT, "utf8"), 200, { "content-type": "application/json" }),
  );
  return app;
}
