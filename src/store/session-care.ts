import { FRESHLY_KEPT, type KeepState } from "../policy/keep.ts";
import { prepare, type Connection } from "./statement.ts";

/** What keeping a session running has to remember. Times are epoch milliseconds. */
export interface CareRow extends KeepState {
  readonly name: string;
  /** The client's arguments, ours left out, as it was started last; null where unknown. */
  readonly args: readonly string[] | null;
  /** It is given no new work, and held when its turn has ended. */
  readonly draining: boolean;
}

export interface SessionCareTable {
  /** What is remembered; of an unknown session that there is nothing to remember. */
  get(name: string): CareRow;
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
  ended_at INTEGER
) STRICT, WITHOUT ROWID;`;

type RawCare = Omit<CareRow, "args" | "draining"> & { args: string | null; draining: number };

export function sessionCareTable(db: Connection): SessionCareTable {
  const read = prepare<RawCare>(
    db,
    `SELECT name, args, draining, deaths, restart_at AS restartAt, stopped_at AS stoppedAt,
       ended_at AS endedAt FROM session_care WHERE name = @name`,
  );
  const write = prepare(
    db,
    `INSERT OR REPLACE INTO session_care (name, args, draining, deaths, restart_at, stopped_at, ended_at)
     VALUES (@name, @args, @draining, @deaths, @restartAt, @stoppedAt, @endedAt)`,
  );
  const get = (name: string): CareRow => {
    const raw = read.get({ name });
    if (raw === undefined) return { name, args: null, draining: false, ...FRESHLY_KEPT };
    const args = raw.args === null ? null : (JSON.parse(raw.args) as string[]);
    return { ...raw, args, draining: raw.draining === 1 };
  };
  return {
    get,
    change: (name, changes) => {
      const row = { ...get(name), ...changes };
      const args = row.args === null ? null : JSON.stringify(row.args);
      write.run({ ...row, args, draining: Number(row.draining) });
      return row;
    },
  };
}
