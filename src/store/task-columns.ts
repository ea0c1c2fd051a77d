/** The short columns of `tasks`, as a row calls them and as the table does, and `result`. */
export const TASK_COLUMNS = [
  ["id", "id"],
  ["project", "project"],
  ["name", "name"],
  ["path", "path"],
  ["inode", "inode"],
  ["title", "title"],
  ["priority", "priority"],
  ["tags", "tags"],
  ["lane", "lane"],
  ["model", "model"],
  ["cwd", "cwd"],
  ["timeoutMs", "timeout_ms"],
  ["retries", "retries"],
  ["dedupe", "dedupe"],
  ["rank", "rank"],
  ["state", "state"],
  ["waiting", "waiting"],
  ["notBefore", "not_before"],
  ["attempt", "attempt"],
  ["retried", "retried"],
  ["session", "session"],
  ["sessionId", "session_id"],
  ["promptId", "prompt_id"],
  ["createdAt", "created_at"],
  ["assignedAt", "assigned_at"],
  ["deliveredAt", "delivered_at"],
  ["endedAt", "ended_at"],
  ["reason", "reason"],
  ["fileDue", "file_due"],
] as const;

export const TASKS_SCHEMA = `
CREATE TABLE tasks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project TEXT NOT NULL,
  name TEXT,
  path TEXT,
  inode TEXT,
  title TEXT,
  priority TEXT NOT NULL,
  tags TEXT NOT NULL,
  lane TEXT NOT NULL,
  model TEXT,
  cwd TEXT NOT NULL,
  timeout_ms INTEGER,
  retries INTEGER NOT NULL,
  dedupe TEXT,
  rank INTEGER NOT NULL,
  state TEXT NOT NULL,
  waiting TEXT,
  not_before INTEGER NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  retried INTEGER NOT NULL DEFAULT 0,
  session TEXT,
  session_id TEXT,
  prompt_id TEXT,
  created_at INTEGER NOT NULL,
  assigned_at INTEGER,
  delivered_at INTEGER,
  ended_at INTEGER,
  reason TEXT,
  file_due INTEGER NOT NULL DEFAULT 0,
  front TEXT NOT NULL,
  prompt TEXT NOT NULL,
  result TEXT
) STRICT;
CREATE INDEX tasks_ready ON tasks (lane, rank, id)
  WHERE waiting IS NULL AND state IN ('queued', 'requeued');
CREATE INDEX tasks_backing_off ON tasks (not_before) WHERE waiting = 'backOff';
-- A session has one task at most, whoever gives it out.
CREATE UNIQUE INDEX one_task_per_session ON tasks (session)
  WHERE state IN ('assigned', 'delivered');
CREATE INDEX tasks_by_file ON tasks (project, path) WHERE path IS NOT NULL;
CREATE INDEX tasks_by_name ON tasks (project, name) WHERE name IS NOT NULL;
CREATE INDEX tasks_by_dedupe ON tasks (project, dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX tasks_by_state ON tasks (state, id);
CREATE INDEX tasks_by_session ON tasks (session, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX tasks_by_end ON tasks (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX tasks_files_due ON tasks (id) WHERE file_due = 1;

CREATE TABLE task_after (
  task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  project TEXT NOT NULL,
  on_task INTEGER,
  done INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (task, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_after_by_task ON task_after (on_task) WHERE on_task IS NOT NULL;
CREATE INDEX task_after_by_name ON task_after (project, name) WHERE on_task IS NULL;

CREATE TABLE task_steps (
  id INTEGER PRIMARY KEY,
  task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  session TEXT,
  detail TEXT
) STRICT;
CREATE INDEX task_steps_by_task ON task_steps (task, id);
`;
