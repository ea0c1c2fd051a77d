import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { asFailoverError, FailoverError } from "../errors.ts";
import { checkpointRoutes, type CheckpointHandlers } from "./checkpoint-routes.ts";
import { cleanRoutes, type CleanHandlers } from "./clean-routes.ts";
import { controlRoutes, type ControlHandlers } from "./control-routes.ts";
import { dispatchRoutes, type DispatchHandlers } from "./dispatch-routes.ts";
import { documentRoutes } from "./document-routes.ts";
import { eventRoutes, type EventHandlers } from "./event-routes.ts";
import { healthRoutes, type HealthHandlers } from "./health-routes.ts";
import { idempotent } from "./idempotency.ts";
import { notifyRoutes, type NotifyHandlers } from "./notify-routes.ts";
import { policyRoutes, type PolicyHandlers } from "./policy-routes.ts";
import { errorJson } from "./request.ts";
import { sessionRoutes, type SessionHandlers } from "./session-routes.ts";
import { statusRoutes, type StatusHandlers } from "./status-routes.ts";
import { whyRoutes, type WhyHandlers } from "./why-routes.ts";

/** What the API can be asked, by area; the daemon answers. An area that is left out has no routes. */
export interface ApiHandlers {
  readonly status: StatusHandlers;
  readonly events: EventHandlers;
  readonly control: ControlHandlers;
  readonly policy?: PolicyHandlers;
  readonly tasks?: DispatchHandlers;
  readonly sessions?: SessionHandlers;
  readonly why?: WhyHandlers;
  readonly checkpoints?: CheckpointHandlers;
  readonly clean?: CleanHandlers;
  readonly health?: HealthHandlers;
  readonly notify?: NotifyHandlers;
}

const BODY_LIMIT = 64 * 1024;
/** A prompt of 1 MiB, with every letter of it escaped. */
const PROMPT_LIMIT = 8 * 1024 * 1024;

/** The API as a hono application, so that a test can ask it without a socket. */
export function apiApp(handlers: ApiHandlers): Hono {
  const app = new Hono();
  const limits = { short: limited(BODY_LIMIT), prompt: limited(PROMPT_LIMIT) };
  app.use(async (context, next) =>
    limits[context.req.path === "/v1/dispatch" ? "prompt" : "short"](context, next),
  );
  app.use(idempotent());
  app.route("/", statusRoutes(handlers.status));
  app.route("/", eventRoutes(handlers.events));
  app.route("/", controlRoutes(handlers.control));
  if (handlers.policy !== undefined) app.route("/", policyRoutes(handlers.policy));
  if (handlers.tasks !== undefined) app.route("/", dispatchRoutes(handlers.tasks));
  if (handlers.sessions !== undefined) app.route("/", sessionRoutes(handlers.sessions));
  if (handlers.why !== undefined) app.route("/", whyRoutes(handlers.why));
  if (handlers.clean !== undefined) app.route("/", cleanRoutes(handlers.clean));
  if (handlers.checkpoints !== undefined) app.route("/", checkpointRoutes(handlers.checkpoints));
  if (handlers.health !== undefined) app.route("/", healthRoutes(handlers.health));
  if (handlers.notify !== undefined) app.route("/", notifyRoutes(handlers.notify));
  app.route("/", documentRoutes());
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
