import { FRESHLY_KEPT, type KeepState } from "../policy/keep.ts";
import { prepare, type Connection } from "./statement.ts";

/** What keeping a session running has to remember. Times are epoch milliseconds. */
export interface CareRow extends KeepState {
  readonly name: string;
  /** The client's arguments, ours left out, as it was started last; null where unknown. */
  readonly args: readonly string[] | null;
  /** Its turn may end; it is given no new work. */
  readonly draining: boolean;
  /** What the client told last of its permission mode; null where it did not. */
  readonly permissionMode: string | null;
  /** What it asks a person, while it does. */
  readonly asks: string | null;
  /** Why it cannot be told which conversation it has: nothing is done with it then. */
  readonly doubt: string | null;
  /** Why it could not be started when that was tried last. */
  readonly notStarted: string | null;
}

const UNTOLD = { permissionMode: null, asks: null, doubt: null, notStarted: null };

export interface SessionCareTable {
  /** What is remembered; of an unknown session that there is nothing to remember. */
  get(name: string): CareRow;
  /** Writes only what is new. */
  change(name: string, changes: Partial<Omit<CareRow, "name">>): CareRow;
}

export const SESSION_CARE_SCHEMA = `
CREATE TABLE session_care (
  name TEXT PRIMARY KEY,
  args TEXT,
  draining INTEGER NOT NULL CHECK (draining IN (0, 1)),
  deaths INTEGER NOT NULL,
  restart_at INTEGER,
  stopped_at INTEGER,
  ended_at INTEGER,
  permission_mode TEXT,
  asks TEXT,
  doubt TEXT,
  not_started TEXT
) STRICT, WITHOUT ROWID;`;

type RawCare = Omit<CareRow, "args" | "draining"> & { args: string | null; draining: number };

export function sessionCareTable(db: Connection): SessionCareTable {
  const read = prepare<RawCare>(
    db,
    `SELECT name, args, draining, deaths, restart_at AS restartAt, stopped_at AS stoppedAt,
       ended_at AS endedAt, permission_mode AS permissionMode, asks, doubt,
       not_started AS notStarted FROM session_care WHERE name = @name`,
  );
  const write = prepare(
    db,
    `INSERT OR REPLACE INTO session_care (name, args, draining, deaths, restart_at, stopped_at,
       ended_at, permission_mode, asks, doubt, not_started)
     VALUES (@name, @args, @draining, @deaths, @restartAt, @stoppedAt,
       @endedAt, @permissionMode, @asks, @doubt, @notStarted)`,
  );
  const get = (name: string): CareRow => {
    const raw = read.get({ name });
    if (raw === undefined) return { name, args: null, draining: false, ...UNTOLD, ...FRESHLY_KEPT };
    const args = raw.args === null ? null : (JSON.parse(raw.args) as string[]);
    return { ...raw, args, draining: raw.draining === 1 };
  };
  return {
    get,
    change: (name, changes) => {
      const before = get(name);
      const row = { ...before, ...changes };
      if (JSON.stringify(row) === JSON.stringify(before)) return before;
      const args = row.args === null ? null : JSON.stringify(row.args);
      write.run({ ...row, args, draining: Number(row.draining) });
      return row;
    },
  };
}
