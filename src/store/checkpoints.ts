import { fromJson } from "./json.ts";
import { prepare, type Connection } from "./statement.ts";

export const CHECKPOINT_CAUSES = ["turnEnd", "refusal", "flip", "death"] as const;
/** What made a checkpoint due. */
export type CheckpointCause = (typeof CHECKPOINT_CAUSES)[number];

/** Where a session's work stood. Times are epoch ms; texts are redacted before they come here. */
export interface NewCheckpoint {
  readonly session: string;
  readonly at: number;
  readonly cause: CheckpointCause;
  readonly sessionId: string | null;
  readonly task: number | null;
  readonly cwd: string;
  /** Null where the folder is in no repository, or git did not answer in time. */
  readonly git: {
    readonly head: string | null;
    readonly branch: string | null;
    /** Null where git took too long to tell. */
    readonly dirty: boolean | null;
  } | null;
  readonly tool: {
    readonly name: string;
    readonly input: string;
    /** It has no result. */
    readonly isOpen: boolean;
  } | null;
  /** The last lines of the screen, the lowest last. */
  readonly screen: readonly string[];
  /** What runs in the background of the session, as its last `Stop` hook told. */
  readonly background: readonly string[];
}

export interface CheckpointRow extends NewCheckpoint {
  readonly id: number;
}

export interface CheckpointsTable {
  /** Stores one, whole or not at all, and forgets all but the newest 20 of its session. */
  add(checkpoint: NewCheckpoint): number;
  /** The newest of a session, or null. */
  latest(session: string): CheckpointRow | null;
  /** Of one session, or the newest of each for null; newest first. */
  list(session: string | null, limit: number): CheckpointRow[];
}

const MOST_PER_SESSION = 20;

export const CHECKPOINTS_SCHEMA = `
CREATE TABLE checkpoints (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session TEXT NOT NULL,
  at INTEGER NOT NULL,
  cause TEXT NOT NULL,
  session_id TEXT,
  task INTEGER,
  cwd TEXT NOT NULL,
  git TEXT NOT NULL,
  tool TEXT NOT NULL,
  screen TEXT NOT NULL,
  background TEXT NOT NULL
) STRICT;
CREATE INDEX checkpoints_by_session ON checkpoints (session, id);
`;

type Raw = Omit<CheckpointRow, "git" | "tool" | "screen" | "background"> & {
  git: string;
  tool: string;
  screen: string;
  background: string;
};

const SELECT = `SELECT id, session, at, cause, session_id AS sessionId, task, cwd, git, tool, screen,
  background FROM checkpoints`;

export function checkpointsTable(db: Connection): CheckpointsTable {
  const add = prepare(
    db,
    `INSERT INTO checkpoints (session, at, cause, session_id, task, cwd, git, tool, screen, background)
     VALUES (@session, @at, @cause, @sessionId, @task, @cwd, @git, @tool, @screen, @background)`,
  );
  const trim = prepare(
    db,
    `DELETE FROM checkpoints WHERE session = @session AND id <= (
       SELECT id FROM checkpoints WHERE session = @session
       ORDER BY id DESC LIMIT 1 OFFSET ${MOST_PER_SESSION}
     )`,
  );
  const ofOne = prepare<Raw>(
    db,
    `${SELECT} WHERE session = @session ORDER BY id DESC LIMIT @limit`,
  );
  const ofEach = prepare<Raw>(
    db,
    `${SELECT} WHERE id IN (SELECT max(id) FROM checkpoints GROUP BY session)
     ORDER BY id DESC LIMIT @limit`,
  );
  const store = db.transaction((checkpoint: NewCheckpoint): number => {
    const { git, tool, screen, background } = checkpoint;
    const { rowId } = add.run({
      ...checkpoint,
      git: JSON.stringify(git),
      tool: JSON.stringify(tool),
      screen: JSON.stringify(screen),
      background: JSON.stringify(background),
    });
    trim.run({ session: checkpoint.session });
    return rowId;
  });
  const list: CheckpointsTable["list"] = (session, limit) =>
    (session === null ? ofEach.all({ limit }) : ofOne.all({ session, limit })).map(toRow);
  return {
    add: (checkpoint) => store(checkpoint),
    latest: (session) => list(session, 1)[0] ?? null,
    list,
  };
}

function toRow({ git, tool, screen, background, ...raw }: Raw): CheckpointRow {
  return {
    ...raw,
    git: fromJson(git) as CheckpointRow["git"],
    tool: fromJson(tool) as CheckpointRow["tool"],
    screen: fromJson(screen) as string[],
    background: fromJson(background) as string[],
  };
}
