import { prepare, type Connection } from "./statement.ts";

/** A message on its way to one channel. Times are epoch milliseconds. */
export interface NotificationRow {
  readonly id: number;
  readonly channel: string;
  readonly event: string;
  /** JSON of what is told. */
  readonly message: string;
  readonly attempts: number;
  readonly createdAt: number;
}

export type NotificationOutcome = "sent" | "failed" | "dropped";

/** How the last message of a channel ended. */
export interface NotificationEnd {
  readonly event: string;
  readonly outcome: NotificationOutcome;
  /** Why it did not get there; null when it did. */
  readonly text: string | null;
  readonly endedAt: number;
}

/** What is to be told and was: the queue survives the daemon. */
export interface NotificationsTable {
  add(row: {
    readonly channel: string;
    readonly event: string;
    readonly key: string;
    readonly message: string;
    readonly urgent: boolean;
    readonly at: number;
  }): void;
  /** Whether the same was put in for this channel from `sinceAt` on. */
  wasTold(channel: string, key: string, sinceAt: number): boolean;
  /** The next to be sent at `now`: the urgent first, then the oldest. */
  due(channel: string, now: number): NotificationRow | null;
  /** When the next one is to be tried, or null when none waits. */
  nextAt(channel: string): number | null;
  retry(id: number, attempts: number, nextAt: number): void;
  end(id: number, end: Omit<NotificationEnd, "event">): void;
  waiting(channel: string): number;
  /** Ends the oldest that wait above `most` as dropped, those that are not urgent first. */
  drop(channel: string, most: number, at: number): number;
  last(channel: string): NotificationEnd | null;
  /** Keeps the newest `keep` of those that ended. */
  prune(keep: number): number;
}

export const NOTIFICATIONS_SCHEMA = `
CREATE TABLE notifications (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  event TEXT NOT NULL,
  dedupe_key TEXT NOT NULL,
  message TEXT NOT NULL,
  urgent INTEGER NOT NULL CHECK (urgent IN (0, 1)),
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  outcome TEXT,
  outcome_text TEXT,
  ended_at INTEGER
) STRICT;
CREATE INDEX notifications_waiting ON notifications (channel, next_at) WHERE outcome IS NULL;
CREATE INDEX notifications_by_key ON notifications (channel, dedupe_key, created_at);`;

export function notificationsTable(db: Connection): NotificationsTable {
  return { ...queueOf(db), ...recordOf(db) };
}

function queueOf(db: Connection) {
  const add = prepare(
    db,
    `INSERT INTO notifications (channel, event, dedupe_key, message, urgent, created_at, next_at)
     VALUES (@channel, @event, @key, @message, @urgent, @at, @at)`,
  );
  const told = prepare(
    db,
    `SELECT 1 FROM notifications WHERE channel = @channel AND dedupe_key = @key
     AND created_at >= @sinceAt LIMIT 1`,
  );
  const due = prepare<NotificationRow>(
    db,
    `SELECT id, channel, event, message, attempts, created_at AS createdAt FROM notifications
     WHERE channel = @channel AND outcome IS NULL AND next_at <= @now
     ORDER BY urgent DESC, id LIMIT 1`,
  );
  const next = prepare<{ at: number | null }>(
    db,
    `SELECT min(next_at) AS at FROM notifications WHERE channel = @channel AND outcome IS NULL`,
  );
  const retry = prepare(
    db,
    "UPDATE notifications SET attempts = @attempts, next_at = @nextAt WHERE id = @id",
  );
  return {
    add: (row) => void add.run({ ...row, urgent: Number(row.urgent) }),
    wasTold: (channel, key, sinceAt) => told.get({ channel, key, sinceAt }) !== undefined,
    due: (channel, now) => due.get({ channel, now }) ?? null,
    nextAt: (channel) => next.get({ channel })?.at ?? null,
    retry: (id, attempts, nextAt) => void retry.run({ id, attempts, nextAt }),
  } satisfies Partial<NotificationsTable>;
}

function recordOf(db: Connection) {
  const end = prepare(
    db,
    `UPDATE notifications SET outcome = @outcome, outcome_text = @text, ended_at = @endedAt
     WHERE id = @id`,
  );
  const waiting = prepare<{ count: number }>(
    db,
    "SELECT count(*) AS count FROM notifications WHERE channel = @channel AND outcome IS NULL",
  );
  const drop = prepare(
    db,
    `UPDATE notifications SET outcome = 'dropped', outcome_text = 'the queue was full', ended_at = @at
     WHERE id IN (
       SELECT id FROM notifications WHERE channel = @channel AND outcome IS NULL
       ORDER BY urgent DESC, id DESC LIMIT -1 OFFSET @most
     )`,
  );
  const last = prepare<NotificationEnd>(
    db,
    `SELECT event, outcome, outcome_text AS text, ended_at AS endedAt FROM notifications
     WHERE channel = @channel AND outcome IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT 1`,
  );
  const prune = prepare(
    db,
    `DELETE FROM notifications WHERE id IN (
       SELECT id FROM notifications WHERE outcome IS NOT NULL
       ORDER BY id DESC LIMIT -1 OFFSET @keep
     )`,
  );
  return {
    end: (id, ended) => void end.run({ id, ...ended }),
    waiting: (channel) => waiting.get({ channel })?.count ?? 0,
    drop: (channel, most, at) => drop.run({ channel, most, at }).changes,
    last: (channel) => last.get({ channel }) ?? null,
    prune: (keep) => prune.run({ keep }).changes,
  } satisfies Partial<NotificationsTable>;
}
