import { Hono } from "hono";
import { stream, streamSSE } from "hono/streaming";
import { turnOfLoop } from "../clock.ts";
import type { EventJson } from "./contract.ts";
import { checked, whole } from "./request.ts";
import { eventsQuery } from "./requests.ts";

/** What the API can be asked about events; the daemon answers. */
export interface EventHandlers {
  events(options: { since: number; limit: number }): EventJson[];
  /** Calls `listener` for every event from now on, until the signal aborts. */
  onEvent(listener: (event: EventJson) => void, signal: AbortSignal): void;
}

/** How many events a follower is given at a time. */
const PAGE = 1_000;

/** The part of the API that is about what happened. */
export function eventRoutes(handlers: EventHandlers): Hono {
  const app = new Hono();
  app.get("/v1/events", (context) => {
    const { follow, ...options } = checked(eventsQuery, context.req.query());
    if (context.req.header("accept")?.startsWith("text/event-stream") === true) {
      const last = context.req.header("last-event-id");
      const from = last === undefined ? options.since : whole(last, "Last-Event-ID");
      return streamSSE(context, async (out) => {
        await followEvents(handlers, from, {
          send: async ({ seq, type, ...rest }) =>
            out.writeSSE({
              id: String(seq),
              event: type,
              data: JSON.stringify({ seq, type, ...rest }),
            }),
          onAbort: (listener) => out.onAbort(listener),
        });
      });
    }
    if (follow === undefined) return context.json(handlers.events(options));
    return stream(context, async (out) =>
      followEvents(handlers, options.since, {
        send: async (event) => out.writeln(JSON.stringify(event)),
        onAbort: (listener) => out.onAbort(listener),
      }),
    );
  });
  return app;
}

interface EventSink {
  send(event: EventJson): Promise<unknown>;
  onAbort(listener: () => void): void;
}

/**
 * Sends what was missed, then what happens. Everything is read from the log in its order, so there
 * is no gap and no repetition, and a slow reader costs no memory.
 */
async function followEvents(handlers: EventHandlers, since: number, out: EventSink): Promise<void> {
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
      await out.send(event);
    }
    if (events.length > 0) continue;
    await wake.promise;
    wake = Promise.withResolvers<void>();
    // What is told comes first: sending takes milliseconds in which a flip would wait.
    await turnOfLoop();
  }
}
