import type { ApiHandlers } from "../api/server.ts";
import { checkpointsJson } from "../api/checkpoint-view.ts";
import { SCHEMA } from "../api/contract.ts";
import { eventJson } from "../api/view.ts";
import { whyJson } from "../api/why-view.ts";
import { controlHandlers } from "./control-handlers.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { healthHandlers } from "./health-handlers.ts";
import { notifyHandlers } from "./notifying.ts";
import { sessionHandlers } from "./session-handlers.ts";
import { policyHandlers } from "./policy-handlers.ts";
import { daemonStatus, statusHandlers } from "./status-handlers.ts";

/** What the daemon answers to the API, one file per area. */
export function daemonHandlers(options: HandlerOptions): ApiHandlers {
  const { store } = options;
  return {
    status: statusHandlers(options),
    control: controlHandlers(options),
    sessions: sessionHandlers(options),
    policy: policyHandlers(options),
    tasks: options.dispatching.handlers,
    why: {
      why: (word) =>
        whyJson(word, { store, status: daemonStatus(options), now: options.clock.now() }),
    },
    clean: {
      clean: async ({ dryRun }) => ({
        schema: SCHEMA,
        dryRun,
        removed: await options.janitor.clean({ dryRun }),
      }),
    },
    checkpoints: { checkpoints: (filter) => checkpointsJson(store, filter) },
    health: healthHandlers(options),
    notify: notifyHandlers(options),
    events: {
      events: ({ since, limit }) =>
        store.events.since(since, Math.min(limit, 10_000)).map(eventJson),
      onEvent: (listener, signal) => {
        const subscription = store.subscribe((event) => listener(eventJson(event)));
        signal.addEventListener("abort", () => subscription[Symbol.dispose](), { once: true });
      },
    },
  };
}
