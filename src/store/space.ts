import { atomically, prepare, type Connection } from "./statement.ts";

/** Up to where rows are forgotten: times are epoch ms, `events` and `decisions` how many stay. */
export interface ForgetBounds {
  readonly tasksBefore: number;
  readonly checkpointsBefore: number;
  readonly evidenceBefore: number;
  readonly usageBefore: number;
  readonly events: number;
  readonly decisions: number;
}

/** How many rows of each table. */
export interface Forgotten {
  readonly tasks: number;
  readonly checkpoints: number;
  readonly evidence: number;
  /** Of accounts that were active. */
  readonly periods: number;
  /** Ids of conversations. */
  readonly conversations: number;
  readonly usage: number;
  readonly events: number;
  readonly decisions: number;
}

/** How much the database holds, and the forgetting of what is old. Switchovers are kept for good. */
export interface Space {
  /** What the file takes, without what is free in it. */
  bytes(): number;
  /**
   * Forgets finished tasks that no other waits for (at most `mostTasks`: their prompts are long),
   * checkpoints but the newest of each known session, and the oldest of the other tables. Which account
   * was active and which conversation was whose is asked of refusals, and forgotten as they are.
   */
  forget(bounds: ForgetBounds, mostTasks: number): Forgotten;
  /** How much `forget` would, without doing it. */
  wouldForget(bounds: ForgetBounds): Forgotten;
  /** Gives free pages back to the file system, a bounded number. */
  shrink(): void;
}

const PAGES_A_TIME = 2_000;

const OLD: Readonly<Record<keyof Forgotten, string>> = {
  tasks: `tasks WHERE id IN (
    SELECT id FROM tasks
    WHERE state IN ('done', 'failed', 'cancelled') AND ended_at < @tasksBefore AND file_due = 0
    AND NOT EXISTS (SELECT 1 FROM task_after WHERE on_task = tasks.id AND done = 0)
    LIMIT @mostTasks)`,
  checkpoints: `checkpoints WHERE at < @checkpointsBefore AND id NOT IN (
    SELECT max(id) FROM checkpoints WHERE session IN (SELECT name FROM sessions) GROUP BY session)`,
  evidence: "evidence WHERE observed_at < @evidenceBefore",
  // Since when an account rests is known of each for good.
  periods: `account_periods WHERE to_at < @evidenceBefore AND id NOT IN (
    SELECT max(id) FROM account_periods GROUP BY slot, account)`,
  conversations: `session_ids WHERE from_at < @evidenceBefore AND session_id NOT IN (
    SELECT session_id FROM sessions WHERE session_id IS NOT NULL)`,
  usage: "account_usage WHERE at < @usageBefore",
  events: `events WHERE seq <= (
    SELECT seq FROM sqlite_sequence WHERE name = 'events') - @events`,
  decisions: "decisions WHERE id <= (SELECT max(id) FROM decisions) - @decisions",
};

export function space(db: Connection): Space {
  const pages = prepare<{ bytes: number }>(
    db,
    `SELECT (page_count - freelist_count) * page_size AS bytes
     FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );
  const tables = Object.keys(OLD) as (keyof Forgotten)[];
  const statements = new Map(
    tables.map((table) => [
      table,
      {
        count: prepare<{ count: number }>(db, `SELECT count(*) AS count FROM ${OLD[table]}`),
        forget: prepare(db, `DELETE FROM ${OLD[table]}`),
      },
    ]),
  );
  const each = (make: (table: keyof Forgotten) => number | undefined): Forgotten =>
    Object.fromEntries(tables.map((table) => [table, make(table) ?? 0])) as unknown as Forgotten;
  return {
    bytes: () => pages.get()?.bytes ?? 0,
    forget: (bounds, mostTasks) =>
      atomically(db, () =>
        each((table) => statements.get(table)?.forget.run({ ...bounds, mostTasks }).changes),
      ),
    wouldForget: (bounds) =>
      each((table) => statements.get(table)?.count.get({ ...bounds, mostTasks: -1 })?.count),
    shrink: () => void db.pragma(`incremental_vacuum(${PAGES_A_TIME})`),
  };
}
