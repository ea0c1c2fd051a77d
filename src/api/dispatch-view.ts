import { rfc3339 } from "../policy/rfc3339.ts";
import type { TaskWait } from "../policy/task-wait.ts";
import type { Store } from "../store/store.ts";
import type { TaskFilter, TaskRow } from "../store/tasks.ts";
import { SCHEMA } from "./contract.ts";
import type { TaskJson, TaskShownJson, TasksJson } from "./dispatch-contract.ts";

/** Why a task does not go on, or null. */
type WaitOf = (task: TaskRow) => TaskWait | null;

/** The answer of `tasks --json`. */
export function tasksJson(store: Store, filter: TaskFilter, waitOf: WaitOf): TasksJson {
  const { tasks } = store;
  const lastEvent = store.events.lastSeq();
  return {
    schema: SCHEMA,
    lastEvent,
    counts: tasks.counts(),
    tasks: tasks.list(filter).map((task) => taskJson(task, waitOf)),
  };
}

/** The answer of `tasks show --json`, or null for none. */
export function taskShownJson(store: Store, id: number, waitOf: WaitOf): TaskShownJson | null {
  const task = store.tasks.get(id);
  const texts = store.tasks.texts(id);
  if (task === null || texts === null) return null;
  const { prompt, result } = texts;
  const steps = store.taskSteps.of(id).map((step) => ({ ...step, at: rfc3339(step.at) }));
  const after = store.taskAfter.of(id);
  const lastEvent = store.events.lastSeq();
  const shown = { ...taskJson(task, waitOf), prompt, result, after, steps };
  return { schema: SCHEMA, lastEvent, task: shown };
}

/** Pure: a task as it is shown. */
export function taskJson(task: TaskRow, waitOf: WaitOf): TaskJson {
  const time = (at: number | null): string | null => (at === null ? null : rfc3339(at));
  const wait = waitOf(task);
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
    wait: wait && { ...wait, until: time(wait.until) },
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
