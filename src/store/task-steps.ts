import { prepare, type Connection } from "./statement.ts";

/** One change of a task's state, with what it stands on. `at` is epoch ms. */
export interface TaskStep {
  readonly at: number;
  readonly state: string;
  readonly session: string | null;
  readonly detail: string | null;
}

/** How each task went; the proofs are here. */
export interface TaskStepsTable {
  add(task: number, step: TaskStep): void;
  /** Oldest first. */
  of(task: number): TaskStep[];
}

export function taskStepsTable(db: Connection): TaskStepsTable {
  const add = prepare(
    db,
    `INSERT INTO task_steps (task, at, state, session, detail)
     VALUES (@task, @at, @state, @session, @detail)`,
  );
  const of = prepare<TaskStep>(
    db,
    "SELECT at, state, session, detail FROM task_steps WHERE task = @task ORDER BY id",
  );
  return {
    add: (task, step) => void add.run({ ...step, task }),
    of: (task) => of.all({ task }),
  };
}
