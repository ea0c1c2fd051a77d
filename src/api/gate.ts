import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import type { Clock } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import { pageFile } from "./page.ts";
import { RateLimit } from "./rate-limit.ts";
import { errorJson } from "./request.ts";

/** Changes that a caller over TCP may ask for at once, and how fast it may go on. */
const CHANGES = { burst: 30, perSecond: 1 };
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * The API for a TCP port, where not only the operator can knock: only for this host by its own names,
 * no page of another site, and without the token nothing but the page that asks for it.
 */
export function gated(app: Hono, options: { readonly token: string; readonly clock: Clock }): Hono {
  const expected = digest(options.token);
  const changes = new RateLimit({ ...CHANGES, clock: options.clock });
  const gate = new Hono();
  gate.use(async (context, next) => {
    const { method, headers } = context.req.raw;
    const refused = strangerProblem(headers);
    if (refused !== null)
      return context.json(errorJson(new FailoverError("CF_API_FOREIGN", refused)), 403);
    const file = await pageFile(method, context.req.path);
    if (file !== null) return file;
    if (!timingSafeEqual(digest(bearerOf(headers)), expected)) {
      const error = new FailoverError(
        "CF_API_TOKEN",
        "The token is missing or is not the right one.",
      );
      return context.json(errorJson(error), 401, { "www-authenticate": "Bearer" });
    }
    if (method !== "GET" && method !== "HEAD" && !changes.take()) {
      const error = new FailoverError("CF_API_RATE", "Too many changes were asked for.");
      return context.json(errorJson(error), 429, { "retry-after": "1" });
    }
    return next();
  });
  gate.all("*", async (context) => app.fetch(context.req.raw, context.env));
  return gate;
}

/**
 * Why a request is not from a program of this machine that means us, or null. A page that rebinds its
 * name to a loopback address still sends its own Host, and a cross-site one its Origin.
 */
function strangerProblem(headers: Headers): string | null {
  const host = headers.get("host") ?? "";
  if (!LOOPBACK.test(host)) return "The Host of the request is not a loopback name.";
  const origin = headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) return "Another origin may ask nothing here.";
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none")
    return "A page of another site may ask nothing here.";
  return null;
}

function bearerOf(headers: Headers): string {
  return /^Bearer ([^\s]+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";
}

/** Of equal length whatever is compared, so that the comparison takes equal time. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
