import { Hono } from "hono";
import { FailoverError } from "../errors.ts";
import type { TaskState } from "../store/tasks.ts";
import type { ActionJson } from "./contract.ts";
import type { DispatchedJson, TaskShownJson, TasksJson } from "./dispatch-contract.ts";
import { bodyOf, checked, whole } from "./request.ts";
import { dispatchBody, tasksQuery } from "./requests.ts";

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
  }): Promise<DispatchedJson>;
  cancelTask(id: number): Promise<ActionJson>;
  retryTask(id: number): ActionJson;
}

/** The part of the API that is about tasks. */
export function dispatchRoutes(handlers: DispatchHandlers): Hono {
  const app = new Hono();
  app.get("/v1/tasks", (context) => {
    const { state, project, limit } = checked(tasksQuery, context.req.query());
    return context.json(
      handlers.tasks({
        states: state ?? null,
        project: project ?? null,
        limit: Math.min(limit, 10_000),
      }),
    );
  });
  app.get("/v1/tasks/:id", (context) => {
    const shown = handlers.task(whole(context.req.param("id"), "id"));
    if (shown !== null) return context.json(shown);
    throw new FailoverError("CF_API_REQUEST", `There is no task ${context.req.param("id")}.`, {
      hint: "claude-failover tasks lists them.",
    });
  });
  app.post("/v1/dispatch", async (context) => {
    const body = checked(dispatchBody, await bodyOf(context.req.raw));
    const { project, prompt, file, ...fields } = body;
    const text = file === undefined ? (prompt === undefined ? null : { prompt }) : { file };
    if (text === null)
      throw new FailoverError("CF_API_REQUEST", "`prompt` or `file` must be the text of the task.");
    return context.json(await handlers.dispatch({ project, text, fields }));
  });
  app.post("/v1/tasks/:id/cancel", async (context) =>
    context.json(await handlers.cancelTask(whole(context.req.param("id"), "id"))),
  );
  app.post("/v1/tasks/:id/retry", (context) =>
    context.json(handlers.retryTask(whole(context.req.param("id"), "id"))),
  );
  return app;
}
