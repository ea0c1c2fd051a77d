import { prepare, type Connection } from "./statement.ts";

/** One thing a task waits for. */
export interface TaskDependency {
  /** As it was written: a number, or a name. */
  readonly name: string;
  /** The task meant, or null while there is none of that name. */
  readonly task: number | null;
  readonly done: boolean;
}

/** What tasks wait for. */
export interface TaskAfterTable {
  add(task: number, dependency: TaskDependency & { readonly project: string }): void;
  of(task: number): TaskDependency[];
  /** Tasks that wait for that one and are not let go yet. */
  waitersOf(task: number): number[];
  /** Tasks that wait for a name that no task has yet. */
  waitersOfName(project: string, name: string): number[];
  /** From now on the name means that task. */
  resolve(project: string, name: string, task: number): void;
  /** That one is done. */
  settle(task: number): void;
  /** Forgets what a task waits for. */
  clear(task: number): void;
}

export function taskAfterTable(db: Connection): TaskAfterTable {
  const add = prepare(
    db,
    `INSERT OR IGNORE INTO task_after (task, name, project, on_task, done)
     VALUES (@waiter, @name, @project, @task, @done)`,
  );
  const of = prepare<{ name: string; task: number | null; done: number }>(
    db,
    "SELECT name, on_task AS task, done FROM task_after WHERE task = @task ORDER BY name",
  );
  const waiters = prepare<{ task: number }>(
    db,
    "SELECT task FROM task_after WHERE on_task = @task AND done = 0",
  );
  const waitersOfName = prepare<{ task: number }>(
    db,
    "SELECT task FROM task_after WHERE project = @project AND name = @name AND on_task IS NULL",
  );
  const resolve = prepare(
    db,
    `UPDATE task_after SET on_task = @task
     WHERE project = @project AND name = @name AND on_task IS NULL`,
  );
  const settle = prepare(db, "UPDATE task_after SET done = 1 WHERE on_task = @task");
  const clear = prepare(db, "DELETE FROM task_after WHERE task = @task");
  return {
    add: (waiter, { done, ...dependency }) =>
      void add.run({ ...dependency, waiter, done: Number(done) }),
    of: (task) => of.all({ task }).map((row) => ({ ...row, done: row.done === 1 })),
    waitersOf: (task) => waiters.all({ task }).map((row) => row.task),
    waitersOfName: (project, name) => waitersOfName.all({ project, name }).map((row) => row.task),
    resolve: (project, name, task) => void resolve.run({ project, name, task }),
    settle: (task) => void settle.run({ task }),
    clear: (task) => void clear.run({ task }),
  };
}
