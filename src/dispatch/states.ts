import type { TaskState } from "../store/tasks.ts";

/**
 * The closed table of what may follow what. `requeued` waits like `queued`, but was given out before;
 * out of `failed` and `cancelled` leads only an operator's `retry`.
 */
export const NEXT_TASK_STATES: Readonly<Record<TaskState, readonly TaskState[]>> = {
  queued: ["assigned", "failed", "cancelled"],
  assigned: ["delivered", "requeued", "failed", "cancelled"],
  delivered: ["done", "requeued", "failed", "cancelled"],
  requeued: ["assigned", "failed", "cancelled"],
  done: [],
  failed: ["requeued"],
  cancelled: ["requeued"],
};

/** Pure: the states from which `to` can be reached in one step. */
export function statesBefore(to: TaskState): TaskState[] {
  return (Object.keys(NEXT_TASK_STATES) as TaskState[]).filter((from) =>
    NEXT_TASK_STATES[from].includes(to),
  );
}
