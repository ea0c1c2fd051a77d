import { Hono } from "hono";
import { FailoverError } from "../errors.ts";
import { TASK_STATES, type TaskState } from "../store/tasks.ts";
import type { ActionJson } from "./contract.ts";
import type { DispatchedJson, TaskShownJson, TasksJson } from "./dispatch-contract.ts";
import { bodyOf, whole } from "./request.ts";

/** What the API can be asked about tasks; the daemon answers. */
export interface DispatchHandlers {
  tasks(filter: {
    readonly states: readonly TaskState[] | null;
    readonly project: string | null;
    readonly limit: number;
  }): TasksJson;
  task(id: number): TaskShownJson | null;
  /** A prompt or a task file, and fields as in front matter, which go before those of the file. */
  dispatch(request: {
    readonly project: string;
    readonly text: { readonly prompt: string } | { readonly file: string };
    readonly fields: Readonly<Record<string, unknown>>;
  }): DispatchedJson;
  cancelTask(id: number): Promise<ActionJson>;
  retryTask(id: number): ActionJson;
}

/** The part of the API that is about tasks. */
export function dispatchRoutes(handlers: DispatchHandlers): Hono {
  const app = new Hono();
  app.get("/v1/tasks", (context) => {
    const { state, project, limit } = context.req.query();
    return context.json(
      handlers.tasks({
        states: state === undefined ? null : state.split(",").map(stateOf),
        project: project ?? null,
        limit: Math.min(whole(limit ?? "100", "limit"), 10_000),
      }),
    );
  });
  app.get("/v1/tasks/:id", (context) => {
    const shown = handlers.task(whole(context.req.param("id"), "id"));
    if (shown !== null) return context.json(shown);
    throw new FailoverError("CF_API_REQUEST", `There is no task ${context.req.param("id")}.`);
  });
  app.post("/v1/dispatch", async (context) => {
    const { project, prompt, file, ...fields } = await bodyOf(context.req.raw);
    if (typeof project !== "string")
      throw new FailoverError("CF_API_REQUEST", "`project` must be a configured project's folder.");
    const text =
      typeof file === "string" ? { file } : typeof prompt === "string" ? { prompt } : null;
    if (text === null)
      throw new FailoverError("CF_API_REQUEST", "`prompt` or `file` must be the text of the task.");
    return context.json(handlers.dispatch({ project, text, fields }));
  });
  app.post("/v1/tasks/:id/cancel", async (context) =>
    context.json(await handlers.cancelTask(whole(context.req.param("id"), "id"))),
  );
  app.post("/v1/tasks/:id/retry", (context) =>
    context.json(handlers.retryTask(whole(context.req.param("id"), "id"))),
  );
  return app;
}

function stateOf(word: string): TaskState {
  const state = TASK_STATES.find((each) => each === word);
  if (state !== undefined) return state;
  throw new FailoverError("CF_API_REQUEST", `\`state\` is one of ${TASK_STATES.join(", ")}.`);
}
