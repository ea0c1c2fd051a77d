import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { FailoverError } from "../errors.ts";
import { errorJson } from "./request.ts";

/** Answers that are remembered; the oldest is forgotten first. */
const KEPT = 1_000;

interface Remembered {
  readonly request: string;
  readonly answer: Promise<{ readonly status: number; readonly body: string }>;
}

/**
 * A change that is asked for again with the same `Idempotency-Key` is not made again: the first answer
 * comes once more, also while it is still being made. A fault is forgotten, so that it can be retried.
 * Kept in memory: a new daemon knows no keys.
 */
export function idempotent(): MiddlewareHandler {
  const known = new Map<string, Remembered>();
  return async (context, next) => {
    const key = context.req.header("idempotency-key");
    if (context.req.method !== "POST" || key === undefined) return next();
    if (!/^[\x21-\x7e]{1,200}$/.test(key))
      return refused(context, "Idempotency-Key must be 1 to 200 visible characters.", 400);
    const request = await fingerprint(context.req.raw);
    const before = known.get(key);
    if (before !== undefined) {
      if (before.request !== request)
        return refused(context, "That Idempotency-Key was used for another request.", 422);
      const { status, body } = await before.answer;
      return new Response(body, {
        status,
        headers: { "content-type": "application/json", "idempotent-replayed": "true" },
      });
    }
    const made = Promise.withResolvers<{ status: number; body: string }>();
    known.set(key, { request, answer: made.promise });
    forgetOldest(known);
    await next();
    const { status } = context.res;
    if (status >= 500) known.delete(key);
    made.resolve({ status, body: await context.res.clone().text() });
  };
}

async function fingerprint(request: Request): Promise<string> {
  const { pathname, search } = new URL(request.url);
  const body = await request.clone().text();
  return createHash("sha256").update(`${pathname}${search}\n${body}`).digest("hex");
}

function forgetOldest(known: Map<string, unknown>): void {
  for (const key of known.keys()) {
    if (known.size <= KEPT) return;
    known.delete(key);
  }
}

function refused(context: Context, message: string, status: 400 | 422): Response {
  return context.json(errorJson(new FailoverError("CF_API_REQUEST", message)), status);
}
