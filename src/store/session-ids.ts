import { prepare, type Connection } from "./statement.ts";

/** A session id that a session had, from when, and how it came to be known. */
export interface SessionIdRow {
  readonly sessionId: string;
  readonly name: string;
  readonly fromAt: number;
  /** `chosen`, or the `source` of the client's SessionStart: `startup`, `resume`, `clear`, … */
  readonly source: string;
}

export interface SessionIdsTable {
  /** False when the session was already known to have had this id. */
  add(row: SessionIdRow): boolean;
  /** The session that has, or last had, this id. */
  nameOf(sessionId: string): string | null;
  /** Every id of one session, oldest first. */
  of(name: string): SessionIdRow[];
}

const SELECT = "SELECT session_id AS sessionId, name, from_at AS fromAt, source FROM session_ids";

export function sessionIdsTable(db: Connection): SessionIdsTable {
  const add = prepare(
    db,
    `INSERT INTO session_ids (session_id, name, from_at, source)
     VALUES (@sessionId, @name, @fromAt, @source) ON CONFLICT DO NOTHING`,
  );
  const byId = prepare<SessionIdRow>(
    db,
    `${SELECT} WHERE session_id = @sessionId ORDER BY from_at DESC LIMIT 1`,
  );
  const byName = prepare<SessionIdRow>(db, `${SELECT} WHERE name = @name ORDER BY from_at`);
  return {
    add: (row) => add.run(row).changes > 0,
    nameOf: (sessionId) => byId.get({ sessionId })?.name ?? null,
    of: (name) => byName.all({ name }),
  };
}
