import type { SessionKind, SessionState } from "../policy/model.ts";
import { atomically, prepare, type Connection } from "./statement.ts";

/** How a session is continued after a flip. */
export type Strategy = "hot" | "relaunch";

/** One session of the registry. Times are epoch milliseconds. */
export interface SessionRow {
  readonly name: string;
  readonly kind: SessionKind;
  readonly sessionId: string | null;
  readonly cwd: string;
  /** The name of the slot that its client was started with. */
  readonly slot: string;
  /** The account its last turn ran under, as far as known. */
  readonly account: string | null;
  readonly paneId: string | null;
  readonly pid: number | null;
  readonly clientVersion: string | null;
  /** The model its status line named last, e.g. `claude-opus-5-5`. */
  readonly model: string | null;
  readonly state: SessionState;
  readonly strategy: Strategy | null;
  readonly transcriptPath: string | null;
  readonly startedAt: number | null;
  /** Since when it is in `state`. */
  readonly since: number;
  /** The operator asked to leave it alone. */
  readonly held: boolean;
}

export interface SessionsTable {
  /** All sessions by name. */
  list(): SessionRow[];
  get(name: string): SessionRow | null;
  /** Inserts or replaces the whole row. */
  put(row: SessionRow): void;
  /** Changes the named fields; null when there is no such session. */
  update(name: string, changes: Partial<Omit<SessionRow, "name">>): SessionRow | null;
  /** Sets the state; `since` moves only when the state changes. */
  setState(name: string, state: SessionState, at: number): SessionRow | null;
  remove(name: string): boolean;
}

type RawSession = Omit<SessionRow, "held"> & { held: number };

const SELECT = `SELECT name, kind, session_id AS sessionId, cwd, slot, account, pane_id AS paneId, pid,
  client_version AS clientVersion, model, state, strategy, transcript_path AS transcriptPath,
  started_at AS startedAt, since, held FROM sessions`;

export function sessionsTable(db: Connection): SessionsTable {
  const all = prepare<RawSession>(db, `${SELECT} ORDER BY name`);
  const byName = prepare<RawSession>(db, `${SELECT} WHERE name = @name`);
  const remove = prepare(db, "DELETE FROM sessions WHERE name = @key");
  const write = prepare(
    db,
    `INSERT OR REPLACE INTO sessions (name, kind, session_id, cwd, slot, account, pane_id, pid,
       client_version, model, state, strategy, transcript_path, started_at, since, held)
     VALUES (@name, @kind, @sessionId, @cwd, @slot, @account, @paneId, @pid,
       @clientVersion, @model, @state, @strategy, @transcriptPath, @startedAt, @since, @held)`,
  );
  const get = (name: string): SessionRow | null => toSession(byName.get({ name }));
  const put = (row: SessionRow): void => void write.run({ ...row, held: Number(row.held) });
  const update: SessionsTable["update"] = (name, changes) => {
    const before = get(name);
    if (before === null) return null;
    const after = { ...before, ...changes };
    put(after);
    return after;
  };
  return {
    list: () => all.all().map((raw) => ({ ...raw, held: raw.held === 1 })),
    get,
    put,
    update: (name, changes) => atomically(db, () => update(name, changes)),
    setState: (name, state, at) =>
      atomically(db, () => {
        const before = get(name);
        return before === null || before.state === state
          ? before
          : update(name, { state, since: at });
      }),
    remove: (name) => remove.run({ key: name }).changes > 0,
  };
}

function toSession(raw: RawSession | undefined): SessionRow | null {
  return raw === undefined ? null : { ...raw, held: raw.held === 1 };
}
