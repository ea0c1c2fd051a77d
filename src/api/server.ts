import { lstatSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { stream } from "hono/streaming";
import { asFailoverError, errnoOf, FailoverError } from "../errors.ts";
import type { ActionJson, ErrorJson, EventJson, HistoryJson, StatusJson } from "./contract.ts";
import { dispatchRoutes, type DispatchHandlers } from "./dispatch-routes.ts";
import { bodyOf, whole } from "./request.ts";

/** What the API can be asked; the daemon answers. */
export interface ApiHandlers {
  status(): StatusJson;
  history(options: { id: number | null; limit: number }): HistoryJson;
  events(options: { since: number; limit: number }): EventJson[];
  /** Calls `listener` for every event from now on, until the signal aborts. */
  onEvent(listener: (event: EventJson) => void, signal: AbortSignal): void;
  switchover(options: { to: string | null; dryRun: boolean }): Promise<ActionJson>;
  pause(): ActionJson;
  resume(): ActionJson;
  recover(options: { dryRun: boolean }): Promise<ActionJson>;
}

const BODY_LIMIT = 64 * 1024;
/** A prompt of 1 MiB, with every letter of it escaped. */
const PROMPT_LIMIT = 8 * 1024 * 1024;
/** How many events a follower is given at a time. */
const PAGE = 1_000;

/** The API as a hono application, so that a test can ask it without a socket. */
export function apiApp(handlers: ApiHandlers, tasks?: DispatchHandlers): Hono {
  const app = new Hono();
  const limits = { short: limited(BODY_LIMIT), prompt: limited(PROMPT_LIMIT) };
  app.use(async (context, next) =>
    limits[context.req.path === "/v1/dispatch" ? "prompt" : "short"](context, next),
  );
  app.get("/v1/status", (context) => context.json(handlers.status()));
  app.get("/v1/history", (context) => {
    const { id, limit } = context.req.query();
    return context.json(
      handlers.history({
        id: id === undefined ? null : whole(id, "id"),
        limit: whole(limit ?? "20", "limit"),
      }),
    );
  });
  app.get("/v1/events", (context) => {
    const { since, limit, follow } = context.req.query();
    const options = { since: whole(since ?? "0", "since"), limit: whole(limit ?? "1000", "limit") };
    if (follow === undefined) return context.json(handlers.events(options));
    return stream(context, (out) => followEvents(handlers, options.since, out));
  });
  app.post("/v1/switchover", async (context) => {
    const { to, dryRun } = await bodyOf(context.req.raw);
    if (to !== undefined && typeof to !== "string")
      throw new FailoverError("CF_API_REQUEST", "`to` must be the name of an account.");
    return context.json(await handlers.switchover({ to: to ?? null, dryRun: dryRun === true }));
  });
  app.post("/v1/pause", (context) => context.json(handlers.pause()));
  app.post("/v1/resume", (context) => context.json(handlers.resume()));
  app.post("/v1/recover", async (context) => {
    const { dryRun } = await bodyOf(context.req.raw);
    return context.json(await handlers.recover({ dryRun: dryRun === true }));
  });
  if (tasks !== undefined) app.route("/", dispatchRoutes(tasks));
  app.notFound((context) =>
    context.json(
      errorJson(new FailoverError("CF_API_REQUEST", `There is no ${context.req.path}.`)),
      404,
    ),
  );
  app.onError((thrown, context) => {
    const error = asFailoverError(thrown);
    return context.json(errorJson(error), error.code === "CF_API_REQUEST" ? 400 : 500);
  });
  return app;
}

function limited(maxSize: number) {
  const text = `The body is longer than ${maxSize / 1024} KiB.`;
  const tooLong = new FailoverError("CF_API_REQUEST", text);
  return bodyLimit({
    maxSize,
    onError: (context: Context) => context.json(errorJson(tooLong), 413),
  });
}

/**
 * Listens on the unix socket (0600). A stale socket of a dead daemon is removed; anything else in
 * its place is an error. Throws CF_API_SOCKET.
 */
export async function listen(app: Hono, socket: string): Promise<Server> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  try {
    removeStale(socket);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // The socket is bound within this call: no other file of ours meets this mask.
      const before = process.umask(0o177);
      server.listen(socket, resolve);
      process.umask(before);
    });
    return server;
  } catch (thrown) {
    throw socketError(socket, thrown);
  }
}

function socketError(socket: string, cause: unknown): FailoverError {
  if (cause instanceof FailoverError) return cause;
  const why = errnoOf(cause) ?? "?";
  return new FailoverError("CF_API_SOCKET", `The socket ${socket} cannot be made (${why}).`, {
    cause,
  });
}

/** Throws CF_API_SOCKET when something else than a socket lies where the socket belongs. */
export function requireSocketPlace(socket: string): void {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket())
    throw new FailoverError("CF_API_SOCKET", `${socket} is not a socket; it is left alone.`);
}

/** Only the holder of the instance lock gets here, so a socket that lies there is nobody's. */
function removeStale(socket: string): void {
  requireSocketPlace(socket);
  rmSync(socket, { force: true });
}

interface LineSink {
  writeln(line: string): Promise<unknown>;
  onAbort(listener: () => void): void;
}

/**
 * Sends what was missed, then what happens. Everything is read from the log in its order, so there
 * is no gap and no repetition, and a slow reader costs no memory.
 */
async function followEvents(handlers: ApiHandlers, since: number, out: LineSink): Promise<void> {
  const end = new AbortController();
  let wake = Promise.withResolvers<void>();
  out.onAbort(() => {
    end.abort();
    wake.resolve();
  });
  handlers.onEvent(() => wake.resolve(), end.signal);
  let last = since;
  while (!end.signal.aborted) {
    const events = handlers.events({ since: last, limit: PAGE });
    for (const event of events) {
      last = event.seq;
      await out.writeln(JSON.stringify(event));
    }
    if (events.length > 0) continue;
    await wake.promise;
    wake = Promise.withResolvers<void>();
  }
}

function errorJson(error: FailoverError): ErrorJson {
  return { error: { code: error.code, message: error.message, hint: error.hint } };
}
