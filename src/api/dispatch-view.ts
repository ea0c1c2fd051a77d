import { rfc3339 } from "../policy/rfc3339.ts";
import type { Store } from "../store/store.ts";
import type { TaskFilter, TaskRow } from "../store/tasks.ts";
import { SCHEMA } from "./contract.ts";
import type { TaskJson, TaskShownJson, TasksJson } from "./dispatch-contract.ts";

/** The answer of `tasks --json`. */
export function tasksJson(store: Store, filter: TaskFilter): TasksJson {
  const { tasks } = store;
  const lastEvent = store.events.lastSeq();
  return {
    schema: SCHEMA,
    lastEvent,
    counts: tasks.counts(),
    tasks: tasks.list(filter).map(taskJson),
  };
}

/** The answer of `tasks show --json`, or null for none. */
export function taskShownJson(store: Store, id: number): TaskShownJson | null {
  const task = store.tasks.get(id);
  const texts = store.tasks.texts(id);
  if (task === null || texts === null) return null;
  const { prompt, result } = texts;
  const steps = store.taskSteps.of(id).map((step) => ({ ...step, at: rfc3339(step.at) }));
  const after = store.taskAfter.of(id);
  const lastEvent = store.events.lastSeq();
  return { schema: SCHEMA, lastEvent, task: { ...taskJson(task), prompt, result, after, steps } };
}

/** Pure: a task as it is shown. */
export function taskJson(task: TaskRow): TaskJson {
  const time = (at: number | null): string | null => (at === null ? null : rfc3339(at));
  const isWaiting = task.state === "queued" || task.state === "requeued";
  return {
    id: task.id,
    project: task.project,
    name: task.name,
    title: task.title,
    priority: task.priority,
    tags: task.tags,
    capabilities: task.capabilities,
    model: task.model,
    cwd: task.cwd,
    state: task.state,
    waitsFor: isWaiting ? (task.waiting ?? "session") : null,
    attempts: task.attempt,
    session: task.session,
    sessionId: task.sessionId,
    promptId: task.promptId,
    createdAt: rfc3339(task.createdAt),
    assignedAt: time(task.assignedAt),
    deliveredAt: time(task.deliveredAt),
    endedAt: time(task.endedAt),
    reason: task.reason,
  };
}
