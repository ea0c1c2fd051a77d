import type { Verdict } from "../policy/strategy.ts";
import { prepare, type Connection } from "./statement.ts";

/** What a drill on this machine found out about one version of the client. */
export interface CertificationRow {
  /** Of the client, like `2.1.328`. */
  readonly version: string;
  readonly verdict: Verdict;
  /** What did not hold; null where everything did. */
  readonly why: string | null;
  /** Epoch ms. */
  readonly at: number;
  readonly sessions: number;
  readonly tookMs: number;
}

export interface CertificationsTable {
  get(version: string): CertificationRow | null;
  /** Newest drill first. */
  list(): CertificationRow[];
  /** Inserts or replaces the version's row. */
  put(row: CertificationRow): void;
}

export const CERTIFICATIONS_SCHEMA = `
CREATE TABLE certifications (
  version TEXT PRIMARY KEY,
  verdict TEXT NOT NULL CHECK (verdict IN ('hot', 'relaunch', 'broken')),
  why TEXT,
  at INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  took_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;`;

const SELECT = "SELECT version, verdict, why, at, sessions, took_ms AS tookMs FROM certifications";

export function certificationsTable(db: Connection): CertificationsTable {
  const get = prepare<CertificationRow>(db, `${SELECT} WHERE version = @version`);
  const list = prepare<CertificationRow>(db, `${SELECT} ORDER BY at DESC, version`);
  const put = prepare(
    db,
    `INSERT OR REPLACE INTO certifications (version, verdict, why, at, sessions, took_ms)
     VALUES (@version, @verdict, @why, @at, @sessions, @tookMs)`,
  );
  return {
    get: (version) => get.get({ version }) ?? null,
    list: () => list.all(),
    put: (row) => void put.run({ ...row, tookMs: Math.round(row.tookMs) }),
  };
}
