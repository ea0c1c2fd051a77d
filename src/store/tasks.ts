import { fromJson } from "./json.ts";
import { prepare, type Connection } from "./statement.ts";
import { TASK_COLUMNS } from "./task-columns.ts";

export const TASK_STATES = [
  "queued",
  "assigned",
  "delivered",
  "requeued",
  "done",
  "failed",
  "cancelled",
] as const;
/** Where a task stands; which follows which is written down in dispatch/states. */
export type TaskState = (typeof TASK_STATES)[number];

/** What a new task is. Times are epoch ms. */
export interface NewTask {
  /** The project's folder, absolute. */
  readonly project: string;
  /** The file's name without `.md`; null for a task that came without a file. */
  readonly name: string | null;
  /** Where the file lies below `.agent-queue`, and its identity (`device:inode`). */
  readonly path: string | null;
  readonly inode: string | null;
  readonly title: string | null;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly capabilities: readonly string[];
  readonly model: string | null;
  /** Absolute. */
  readonly cwd: string;
  readonly timeoutMs: number | null;
  readonly retries: number;
  readonly dedupe: string | null;
  /** Its place in the queue; the lowest goes first. */
  readonly rank: number;
  readonly createdAt: number;
}

/** The long parts of a task, read only where they are needed. */
export interface TaskTexts {
  readonly prompt: string;
  /** The front matter as it was written. */
  readonly front: string;
  readonly result: string | null;
}

export interface TaskRow extends NewTask {
  readonly id: number;
  readonly state: TaskState;
  /** What it waits for besides a free session; null when it may be given out. */
  readonly waiting: "after" | "backOff" | null;
  /** With `backOff`: until when. */
  readonly notBefore: number;
  /** How often it was given out. */
  readonly attempt: number;
  /** How often it failed and was given out again because of `retries`. */
  readonly retried: number;
  readonly session: string | null;
  readonly sessionId: string | null;
  readonly promptId: string | null;
  readonly assignedAt: number | null;
  readonly deliveredAt: number | null;
  readonly endedAt: number | null;
  /** Why it is where it is, for those that are not done. */
  readonly reason: string | null;
  /** Its file is not where its state wants it. */
  readonly fileDue: boolean;
}

/** As much of a task as tells whether its file is the one that was taken in. */
export type QueuedFile = Pick<TaskRow, "id" | "inode" | "createdAt"> & { readonly path: string };

/** What a change of state may change with it. */
export type TaskChanges = Partial<
  Omit<TaskRow, "id" | "state" | "tags" | "capabilities" | "project" | "createdAt">
> & { readonly result?: string | null };

export interface TaskFilter {
  readonly states: readonly TaskState[] | null;
  readonly project: string | null;
  readonly limit: number;
}

export interface TasksTable {
  /** Inserts a task that is `queued` and returns its number. */
  add(task: NewTask, texts: Omit<TaskTexts, "result">, waiting: TaskRow["waiting"]): number;
  get(id: number): TaskRow | null;
  texts(id: number): TaskTexts | null;
  /** Sets the state if it is one of `from`, with the changes; false when it is none of them. */
  move(id: number, from: readonly TaskState[], to: TaskState, changes: TaskChanges): boolean;
  /** Changes what is no state. */
  change(id: number, changes: TaskChanges): void;
  /** Replaces what a task says that nobody was given yet. */
  rewrite(id: number, task: NewTask, texts: Omit<TaskTexts, "result">): void;
  /** Those that may be given out, by rank, of one set of capabilities. */
  ready(lane: string, limit: number): TaskRow[];
  /** The sets of capabilities that tasks which may be given out ask for. */
  lanes(): string[];
  /** Those that are assigned or delivered. */
  active(): TaskRow[];
  activeOf(session: string): TaskRow | null;
  /** The one that a session ended last. */
  lastOf(session: string): TaskRow | null;
  /** The task whose file lies there. */
  byPath(project: string, path: string): TaskRow | null;
  /** Tasks of a project whose files wait in the inbox, however many were done before. */
  queuedFiles(project: string): QueuedFile[];
  /** The newest task of that name. */
  byName(project: string, name: string): TaskRow | null;
  /** The one of a project with this key that is neither failed nor cancelled. */
  byDedupe(project: string, dedupe: string): TaskRow | null;
  /** Newest first. */
  list(filter: TaskFilter): TaskRow[];
  counts(): Record<TaskState, number>;
  /** Whether any may be given out; one look, however many there are. */
  hasReady(): boolean;
  /** How many may be given out. */
  readyCount(): number;
  /** Lets those go whose back-off is over, and returns how many. */
  wake(now: number): number;
  /** When the next back-off is over, or null. */
  nextWake(): number | null;
  filesDue(limit: number): TaskRow[];
  /** Sets the ranks of a project's waiting tasks of one priority to `createdAt + offset`. */
  rerank(project: string, priority: string, offset: number): void;
}

type Raw = Omit<TaskRow, "tags" | "capabilities" | "fileDue"> & {
  tags: string;
  lane: string;
  fileDue: number;
};

const COLUMNS = TASK_COLUMNS.map(([name, column]) => `${column} AS ${name}`).join(", ");
const SELECT = `SELECT ${COLUMNS} FROM tasks`;
const SETTABLE = [...TASK_COLUMNS, ["result", "result"]] as const;
/** Left to choose, SQLite takes the index of the states and looks at every task that waits. */
const FROM_READY =
  "FROM tasks INDEXED BY tasks_ready WHERE waiting IS NULL AND state IN ('queued', 'requeued')";
const ACTIVE = "state IN ('assigned', 'delivered')";

/** Capabilities as one text: the tasks of a lane can be done by the same sessions. */
function laneOf(capabilities: readonly string[]): string {
  return capabilities.join(" ");
}

export function tasksTable(db: Connection): TasksTable {
  return { ...reads(db), ...queueReads(db), ...writes(db) };
}

function reads(
  db: Connection,
): Pick<
  TasksTable,
  "get" | "texts" | "list" | "counts" | "byPath" | "byName" | "byDedupe" | "queuedFiles"
> {
  const one = (where: string) => {
    const statement = prepare<Raw>(db, `${SELECT} WHERE ${where} ORDER BY id DESC LIMIT 1`);
    return (values: object): TaskRow | null => rowOrNull(statement.get(values));
  };
  const get = one("id = @id");
  const byPath = one("project = @project AND path = @path");
  const byName = one("project = @project AND name = @name");
  const byDedupe = one(
    "project = @project AND dedupe = @dedupe AND state NOT IN ('failed', 'cancelled')",
  );
  const texts = prepare<TaskTexts>(db, "SELECT prompt, front, result FROM tasks WHERE id = @id");
  const files = prepare<QueuedFile>(
    db,
    `SELECT id, path, inode, created_at AS createdAt FROM tasks INDEXED BY tasks_by_state
     WHERE state = 'queued' AND project = @project AND path IS NOT NULL`,
  );
  const list = prepare<Raw>(
    db,
    `${SELECT} WHERE (@states IS NULL OR state IN (SELECT value FROM json_each(@states)))
     AND (@project IS NULL OR project = @project) ORDER BY id DESC LIMIT @limit`,
  );
  const counts = prepare<{ state: TaskState; count: number }>(
    db,
    "SELECT state, count(*) AS count FROM tasks GROUP BY state",
  );
  return {
    get: (id) => get({ id }),
    texts: (id) => texts.get({ id }) ?? null,
    byPath: (project, path) => byPath({ project, path }),
    byName: (project, name) => byName({ project, name }),
    byDedupe: (project, dedupe) => byDedupe({ project, dedupe }),
    queuedFiles: (project) => files.all({ project }),
    list: ({ states, project, limit }) =>
      list
        .all({ states: states === null ? null : JSON.stringify(states), project, limit })
        .map(toRow),
    counts: () => {
      const none = Object.fromEntries(TASK_STATES.map((state) => [state, 0]));
      const found = counts.all().map(({ state, count }) => [state, count]);
      return { ...none, ...Object.fromEntries(found) } as Record<TaskState, number>;
    },
  };
}

function queueReads(
  db: Connection,
): Pick<
  TasksTable,
  | "ready"
  | "hasReady"
  | "lanes"
  | "active"
  | "activeOf"
  | "lastOf"
  | "readyCount"
  | "nextWake"
  | "filesDue"
> {
  const ready = prepare<Raw>(
    db,
    `SELECT ${COLUMNS} ${FROM_READY} AND lane = @lane ORDER BY rank, id LIMIT @limit`,
  );
  // One look into the index a lane, however many tasks each has.
  const lanes = prepare<{ lane: string }>(
    db,
    `WITH RECURSIVE each (lane) AS (
       SELECT min(lane) ${FROM_READY}
       UNION ALL
       SELECT (SELECT min(lane) ${FROM_READY} AND lane > each.lane)
       FROM each WHERE each.lane IS NOT NULL
     ) SELECT lane FROM each WHERE lane IS NOT NULL`,
  );
  const active = prepare<Raw>(db, `${SELECT} WHERE ${ACTIVE} ORDER BY id`);
  const activeOf = prepare<Raw>(db, `${SELECT} WHERE ${ACTIVE} AND session = @session`);
  const lastOf = prepare<Raw>(
    db,
    `${SELECT} WHERE session = @session AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1`,
  );
  const count = prepare<{ count: number }>(db, `SELECT count(*) AS count ${FROM_READY}`);
  const any = prepare(db, `SELECT 1 ${FROM_READY} LIMIT 1`);
  const next = prepare<{ at: number | null }>(
    db,
    "SELECT min(not_before) AS at FROM tasks WHERE waiting = 'backOff'",
  );
  const due = prepare<Raw>(db, `${SELECT} WHERE file_due = 1 ORDER BY id LIMIT @limit`);
  return {
    ready: (lane, limit) => ready.all({ lane, limit }).map(toRow),
    lanes: () => lanes.all().map(({ lane }) => lane),
    active: () => active.all().map(toRow),
    activeOf: (session) => rowOrNull(activeOf.get({ session })),
    lastOf: (session) => rowOrNull(lastOf.get({ session })),
    hasReady: () => any.get() !== undefined,
    readyCount: () => count.get()?.count ?? 0,
    nextWake: () => next.get()?.at ?? null,
    filesDue: (limit) => due.all({ limit }).map(toRow),
  };
}

function writes(
  db: Connection,
): Pick<TasksTable, "add" | "move" | "change" | "rewrite" | "wake" | "rerank"> {
  const add = prepare(
    db,
    `INSERT INTO tasks (project, name, path, inode, title, prompt, front, priority, tags, lane,
       model, cwd, timeout_ms, retries, dedupe, rank, state, waiting, created_at)
     VALUES (@project, @name, @path, @inode, @title, @prompt, @front, @priority, @tags, @lane,
       @model, @cwd, @timeoutMs, @retries, @dedupe, @rank, 'queued', @waiting, @createdAt)`,
  );
  const rewrite = prepare(
    db,
    `UPDATE tasks SET inode = @inode, title = @title, prompt = @prompt, front = @front,
       priority = @priority, tags = @tags, lane = @lane, model = @model, cwd = @cwd,
       timeout_ms = @timeoutMs, retries = @retries, dedupe = @dedupe, rank = @rank
     WHERE id = @id AND state = 'queued'`,
  );
  const wake = prepare(
    db,
    "UPDATE tasks SET waiting = NULL WHERE waiting = 'backOff' AND not_before <= @now",
  );
  const rerank = prepare(
    db,
    `UPDATE tasks SET rank = created_at + @offset
     WHERE project = @project AND priority = @priority AND state IN ('queued', 'requeued')
     AND rank <> created_at + @offset`,
  );
  const written = (task: NewTask) => ({
    ...task,
    tags: JSON.stringify(task.tags),
    lane: laneOf(task.capabilities),
  });
  return {
    add: (task, texts, waiting) => add.run({ ...written(task), ...texts, waiting }).rowId,
    rewrite: (id, task, texts) => void rewrite.run({ ...written(task), ...texts, id }),
    wake: (now) => wake.run({ now }).changes,
    rerank: (project, priority, offset) => void rerank.run({ project, priority, offset }),
    ...changer(db),
  };
}

/** One statement for each set of columns that is changed together; there are about ten. */
function changer(db: Connection): Pick<TasksTable, "move" | "change"> {
  const statements = new Map<string, ReturnType<typeof prepare>>();
  const update = (changes: object, where: string, values: object): number => {
    const columns = SETTABLE.filter(([name]) => Object.hasOwn(changes, name));
    const set = columns.map(([name, column]) => `${column} = @${name}`).join(", ");
    const sql = `UPDATE tasks SET ${set} WHERE id = @id${where}`;
    const statement = statements.get(sql) ?? prepare(db, sql);
    statements.set(sql, statement);
    const bound = Object.entries(changes).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "boolean" ? Number(value) : value,
    ]);
    return statement.run({ ...Object.fromEntries(bound), ...values }).changes;
  };
  return {
    move: (id, from, to, changes) =>
      update({ ...changes, state: to }, " AND state IN (SELECT value FROM json_each(@from))", {
        id,
        from: JSON.stringify(from),
      }) > 0,
    change: (id, changes) => void update(changes, "", { id }),
  };
}

function rowOrNull(raw: Raw | undefined): TaskRow | null {
  return raw === undefined ? null : toRow(raw);
}

function toRow({ lane, tags, fileDue, ...raw }: Raw): TaskRow {
  return {
    ...raw,
    tags: fromJson(tags) as string[],
    capabilities: lane === "" ? [] : lane.split(" "),
    fileDue: fileDue === 1,
  };
}
