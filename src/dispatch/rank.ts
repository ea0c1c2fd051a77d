import { TASK_PRIORITIES, type DispatchConfig, type TaskPriority } from "../config/config.ts";

/**
 * Pure: the place of a task in the queue; the lowest goes first. Ageing is in it: a task's claim
 * grows with its waiting, and the claim of every other one by as much, so that their order never
 * changes and can be an index. Each level of priority is worth `ageingMs` of waiting; a project is
 * worth all levels of the project after it. Whatever comes later than that goes after it, so that
 * nothing starves.
 */
export function rankOf(task: {
  readonly enqueuedAt: number;
  readonly priority: TaskPriority;
  readonly projectPlace: number;
  readonly ageingMs: number;
}): number {
  const { enqueuedAt, priority, projectPlace, ageingMs } = task;
  const level = TASK_PRIORITIES.indexOf(priority) + TASK_PRIORITIES.length * projectPlace;
  return enqueuedAt + level * ageingMs;
}

/** Pure: a project's place among the priorities there are, 0 for the first; last when not configured. */
export function placeOfProject(config: DispatchConfig, project: string): number {
  const levels = [...new Set(config.projects.map(({ priority }) => priority))].toSorted(
    (a, b) => a - b,
  );
  const own = config.projects.find(({ path }) => path === project)?.priority;
  return own === undefined ? levels.length : levels.indexOf(own);
}
