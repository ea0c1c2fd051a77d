import { NOTIFICATIONS_SCHEMA } from "./notifications.ts";
import { CERTIFICATIONS_SCHEMA } from "./certifications.ts";
import { CHECKPOINTS_SCHEMA } from "./checkpoints.ts";
import { SESSION_CARE_SCHEMA } from "./session-care.ts";
import { TASKS_SCHEMA } from "./task-columns.ts";

/** Times are epoch milliseconds; `detail`, `data` and the like are JSON text. */
export const FIRST_SCHEMA = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  name TEXT PRIMARY KEY,
  exhausted_until INTEGER,
  exhausted_window TEXT,
  quarantined_code TEXT,
  quarantined_text TEXT,
  quarantined_at INTEGER,
  logged_in INTEGER CHECK (logged_in IN (0, 1)),
  email TEXT,
  org_id TEXT,
  subscription TEXT,
  identity_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE account_windows (
  account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
  window TEXT NOT NULL,
  used_percent REAL,
  resets_at INTEGER,
  exhausted_until INTEGER,
  observed_at INTEGER NOT NULL,
  read_at INTEGER,
  PRIMARY KEY (account, window)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_usage (
  account TEXT NOT NULL,
  window TEXT NOT NULL,
  at INTEGER NOT NULL,
  used_percent REAL NOT NULL,
  resets_at INTEGER,
  PRIMARY KEY (account, window, at, used_percent)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_usage_by_time ON account_usage (at);

CREATE TABLE account_periods (
  id INTEGER PRIMARY KEY,
  slot TEXT NOT NULL,
  account TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER
) STRICT;
-- The one open period of a slot is its active account: there can never be two.
CREATE UNIQUE INDEX one_active_account ON account_periods (slot) WHERE to_at IS NULL;
CREATE INDEX account_periods_by_time ON account_periods (slot, from_at);

CREATE TABLE sessions (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  session_id TEXT,
  cwd TEXT NOT NULL,
  slot TEXT NOT NULL,
  account TEXT,
  pane_id TEXT,
  pid INTEGER,
  client_version TEXT,
  model TEXT,
  state TEXT NOT NULL,
  strategy TEXT,
  transcript_path TEXT,
  started_at INTEGER,
  since INTEGER NOT NULL,
  held INTEGER NOT NULL CHECK (held IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE session_ids (
  session_id TEXT NOT NULL,
  name TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  prompted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (session_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_ids_by_name ON session_ids (name, from_at);

CREATE TABLE evidence (
  id TEXT PRIMARY KEY,
  dedupe_key TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  session TEXT NOT NULL,
  session_id TEXT NOT NULL,
  prompt_id TEXT,
  account TEXT NOT NULL,
  class TEXT NOT NULL,
  window TEXT,
  resets_at INTEGER,
  pattern TEXT NOT NULL,
  text TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  observed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_account ON evidence (account, observed_at);
CREATE INDEX evidence_by_time ON evidence (observed_at);

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  slot TEXT NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  detail TEXT
) STRICT;

CREATE TABLE switchovers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cause TEXT NOT NULL,
  from_account TEXT NOT NULL,
  to_account TEXT NOT NULL,
  from_home TEXT NOT NULL,
  to_home TEXT NOT NULL,
  slot_name TEXT NOT NULL,
  slot TEXT NOT NULL,
  link_before TEXT NOT NULL,
  link_after TEXT NOT NULL,
  stage TEXT NOT NULL,
  outcome TEXT,
  trigger TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
-- One switchover at a time, also between processes.
CREATE UNIQUE INDEX one_open_switchover ON switchovers (ended_at IS NULL) WHERE ended_at IS NULL;

CREATE TABLE switchover_steps (
  id INTEGER PRIMARY KEY,
  switchover_id INTEGER NOT NULL REFERENCES switchovers (id) ON DELETE CASCADE,
  step TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  detail TEXT
) STRICT;
CREATE INDEX switchover_steps_by_entry ON switchover_steps (switchover_id, id);

CREATE TABLE switchover_sessions (
  switchover_id INTEGER NOT NULL REFERENCES switchovers (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  strategy TEXT NOT NULL,
  session_id TEXT,
  outcome TEXT NOT NULL,
  continued_ms INTEGER,
  proof TEXT,
  PRIMARY KEY (switchover_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
${NOTIFICATIONS_SCHEMA}
${CERTIFICATIONS_SCHEMA}
${SESSION_CARE_SCHEMA}
${TASKS_SCHEMA}
${CHECKPOINTS_SCHEMA}`;
