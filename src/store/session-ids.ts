import { prepare, type Connection } from "./statement.ts";

/** A session id that a session had, from when, and how it came to be known. */
export interface SessionIdRow {
  readonly sessionId: string;
  readonly name: string;
  readonly fromAt: number;
  /** `chosen`, or the `source` of the client's SessionStart: `startup`, `resume`, `clear`, … */
  readonly source: string;
  /** Something was said in it, so that it has a transcript. */
  readonly prompted: boolean;
}

export interface SessionIdsTable {
  /** False when the session was already known to have had this id. */
  add(row: Omit<SessionIdRow, "prompted">): boolean;
  /** A prompt was taken in the conversation. */
  prompted(sessionId: string, name: string): void;
  /** The session that has, or last had, this id. */
  nameOf(sessionId: string): string | null;
  /** Every id of one session, oldest first. */
  of(name: string): SessionIdRow[];
}

type RawSessionId = Omit<SessionIdRow, "prompted"> & { prompted: number };

const SELECT =
  "SELECT session_id AS sessionId, name, from_at AS fromAt, source, prompted FROM session_ids";

export function sessionIdsTable(db: Connection): SessionIdsTable {
  const add = prepare(
    db,
    `INSERT INTO session_ids (session_id, name, from_at, source)
     VALUES (@sessionId, @name, @fromAt, @source) ON CONFLICT DO NOTHING`,
  );
  const prompted = prepare(
    db,
    "UPDATE session_ids SET prompted = 1 WHERE session_id = @sessionId AND name = @name AND prompted = 0",
  );
  const byId = prepare<RawSessionId>(
    db,
    `${SELECT} WHERE session_id = @sessionId ORDER BY from_at DESC LIMIT 1`,
  );
  const byName = prepare<RawSessionId>(db, `${SELECT} WHERE name = @name ORDER BY from_at`);
  return {
    add: (row) => add.run(row).changes > 0,
    nameOf: (sessionId) => byId.get({ sessionId })?.name ?? null,
    prompted: (sessionId, name) => void prompted.run({ sessionId, name }),
    of: (name) => byName.all({ name }).map((raw) => ({ ...raw, prompted: raw.prompted === 1 })),
  };
}
