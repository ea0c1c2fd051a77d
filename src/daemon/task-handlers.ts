import { realpathSync } from "node:fs";
import { basename } from "node:path";
import type { DispatchHandlers } from "../api/dispatch-routes.ts";
import { taskJson, taskShownJson, tasksJson } from "../api/dispatch-view.ts";
import { snippetOf } from "../api/redact.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { parseTaskRequest } from "../dispatch/parse-task.ts";
import type { TaskQueue } from "../dispatch/queue.ts";
import type { Store } from "../store/store.ts";
import { refused } from "./refused.ts";

/** What the daemon answers to the API about tasks. */
export function taskHandlers(parts: {
  config: Config;
  store: Store;
  clock: Clock;
  queue: TaskQueue;
  dispatcher: Dispatcher;
}): DispatchHandlers {
  const { config, store, queue, dispatcher } = parts;
  return {
    tasks: (filter) => {
      const project = filter.project === null ? null : projectOf(config, filter.project);
      return tasksJson(
        store,
        { ...filter, project: project ?? filter.project },
        dispatcher.waits(),
      );
    },
    task: (id) => taskShownJson(store, id, dispatcher.waits()),
    dispatch: async ({ project: word, text, fields }) => {
      const project = projectOf(config, word);
      if (project === null)
        return refused("CF_DISPATCH_PROJECT", `${word} is no project of the configuration.`);
      const parsed = parseTaskRequest(fields, text);
      if (!parsed.ok) return refused("CF_DISPATCH_REFUSED", parsed.why);
      const spec = { ...parsed.task, title: parsed.task.title ?? titleOf(parsed.task.prompt) };
      const incoming = { project, spec, front: "", file: null };
      const added = await store.together(() => queue.add(incoming));
      if (added.kind === "refused") return refused("CF_DISPATCH_REFUSED", added.why);
      dispatcher.kick();
      const task = store.tasks.get(added.id);
      if (task === null) return refused("CF_DISPATCH_STATE", `There is no task ${added.id}.`);
      const created = added.kind === "queued";
      return { schema: 1, done: true, created, task: taskJson(task, dispatcher.waits()) };
    },
    cancelTask: async (id) => {
      const before = store.tasks.get(id);
      if (before === null) return refused("CF_DISPATCH_STATE", `There is no task ${id}.`);
      if (await dispatcher.cancel(id, "an operator cancelled it"))
        return { schema: 1, done: true, text: `Task ${id} is cancelled.` };
      return refused("CF_DISPATCH_STATE", `Task ${id} is ${before.state} already.`);
    },
    retryTask: (id) => {
      const why = queue.retry(id);
      if (why !== null) return refused("CF_DISPATCH_STATE", why);
      dispatcher.kick();
      return { schema: 1, done: true, text: `Task ${id} is given out again.` };
    },
  };
}

/** What lists call a task that came without a name: the beginning of its prompt. */
function titleOf(prompt: string): string {
  return snippetOf(prompt.split("\n", 1)[0] ?? "");
}

/** The configured folder that is meant by a path or, where only one is called so, by its name. */
function projectOf(config: Config, word: string): string | null {
  const paths = config.dispatch.projects.map(({ path }) => path);
  const same = paths.find((path) => path === word || real(path) === real(word));
  if (same !== undefined) return same;
  const named = paths.filter((path) => basename(path) === word);
  return named.length === 1 ? (named[0] ?? null) : null;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
