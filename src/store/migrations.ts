import { FailoverError } from "../errors.ts";
import { FIRST_SCHEMA } from "./schema-1.ts";
import { atomically, type Connection } from "./statement.ts";

/** Marks the file as ours in its header ("CFov"). */
const APPLICATION_ID = 0x43466f76;

/** One step forward. A released migration is never changed; the next one is added. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [{ version: 1, sql: FIRST_SCHEMA }];

/** The schema version this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * How many migrations `db` still needs; changes nothing. Throws CF_STORE_NEWER for a schema of a
 * newer program and CF_STORE_CORRUPT for a database that is somebody else's.
 */
export function checkSchema(db: Connection, migrations = MIGRATIONS): number {
  const known = migrations.length;
  const version = pragmaNumber(db, "user_version");
  const isOurs = pragmaNumber(db, "application_id") === APPLICATION_ID;
  if (!isOurs && (version !== 0 || hasTables(db))) {
    throw new FailoverError("CF_STORE_CORRUPT", `${db.name} is another program's database.`, {
      hint: "Name another state folder; nothing was changed.",
      details: { file: db.name },
    });
  }
  if (version > known) {
    throw new FailoverError(
      "CF_STORE_NEWER",
      `${db.name} was written by a newer version (schema ${version}, known up to ${known}).`,
      { details: { file: db.name, schema: version, known } },
    );
  }
  return known - version;
}

/** Applies what is missing, each migration in one transaction; safe against a second migrator. */
export function migrate(db: Connection, migrations = MIGRATIONS): void {
  for (const migration of migrations) {
    atomically(db, () => {
      if (pragmaNumber(db, "user_version") >= migration.version) return;
      db.exec(migration.sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${migration.version}`);
    });
  }
}

function hasTables(db: Connection): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}

function pragmaNumber(db: Connection, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}
