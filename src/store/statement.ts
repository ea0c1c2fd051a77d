import Database from "better-sqlite3";
import { FailoverError, type ErrorCode } from "../errors.ts";

export type Connection = InstanceType<typeof Database>;

/** A prepared statement whose faults are FailoverErrors; values are bound by name. */
export interface Statement<Row> {
  run(values?: object): { readonly changes: number; readonly rowId: number };
  get(values?: object): Row | undefined;
  all(values?: object): Row[];
}

/**
 * Prepares `sql` once. `Row` is what one result row looks like; the SQL names its columns so.
 * Throws CF_STORE_* when SQLite refuses.
 */
export function prepare<Row = unknown>(db: Connection, sql: string): Statement<Row> {
  const statement = guarded(db, () => db.prepare<[object], Row>(sql));
  return {
    run: (values = {}) => {
      const result = guarded(db, () => statement.run(values));
      return { changes: result.changes, rowId: Number(result.lastInsertRowid) };
    },
    get: (values = {}) => guarded(db, () => statement.get(values)),
    all: (values = {}) => guarded(db, () => statement.all(values)),
  };
}

/** The transaction that is open on a connection, and the fault with which SQLite itself ended it. */
const open = new WeakMap<Connection, { fault: FailoverError | null }>();

/**
 * Runs `work` in one durable transaction; what it throws undoes all of it. May be nested. The
 * transaction is immediate, so that a second process waits at the beginning and not in the middle.
 * Once SQLite has ended it by itself (a full disk undoes all of it), each later statement of `work`
 * and its end throw that first fault: they would be commits of their own.
 */
export function atomically<T>(db: Connection, work: () => T): T {
  const within = transactionOf(db) as Transaction<T>;
  if (open.has(db)) return guarded(db, () => within(work));
  const own = { fault: null };
  const whole = (): T => {
    const result = work();
    throwFault(own);
    return result;
  };
  open.set(db, own);
  try {
    return guarded(db, () => within.immediate(whole));
  } finally {
    open.delete(db);
  }
}

type Transaction<T> = Database.Transaction<(work: () => T) => T>;
const transactions = new WeakMap<Connection, Transaction<unknown>>();

/** What the library makes for a transaction, made once a connection: it costs as much as a row. */
function transactionOf(db: Connection): Transaction<unknown> {
  const known = transactions.get(db);
  if (known !== undefined) return known;
  const made = db.transaction((work: () => unknown) => work());
  transactions.set(db, made);
  return made;
}

/** Runs `work` and turns what SQLite throws into a FailoverError that names the file. */
export function guarded<T>(db: Connection | string, work: () => T): T {
  const transaction = typeof db === "string" ? undefined : open.get(db);
  throwFault(transaction);
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof Database.SqliteError)) throw thrown;
    const fault = storeError(typeof db === "string" ? db : db.name, thrown);
    if (transaction !== undefined && typeof db !== "string" && !db.inTransaction)
      transaction.fault = fault;
    throw fault;
  }
}

function throwFault(transaction: { readonly fault: FailoverError | null } | undefined): void {
  if (transaction?.fault) throw transaction.fault;
}

/** SQLite's result codes, by their beginning, and what they mean to an operator. */
const MEANINGS: readonly {
  readonly begins: string;
  readonly code: ErrorCode;
  readonly text: (file: string) => string;
}[] = [
  { begins: "SQLITE_FULL", code: "CF_STORE_FULL", text: (file) => `The disk of ${file} is full.` },
  { begins: "SQLITE_NOTADB", code: "CF_STORE_CORRUPT", text: (file) => `${file} is damaged.` },
  { begins: "SQLITE_CORRUPT", code: "CF_STORE_CORRUPT", text: (file) => `${file} is damaged.` },
  { begins: "SQLITE_READONLY", code: "CF_STORE_UNWRITABLE", text: cannotWrite },
  { begins: "SQLITE_CANTOPEN", code: "CF_STORE_UNWRITABLE", text: cannotWrite },
  { begins: "SQLITE_PERM", code: "CF_STORE_UNWRITABLE", text: cannotWrite },
  { begins: "SQLITE_AUTH", code: "CF_STORE_UNWRITABLE", text: cannotWrite },
  { begins: "SQLITE_BUSY", code: "CF_STORE_BUSY", text: (file) => `${file} is locked.` },
  { begins: "SQLITE_LOCKED", code: "CF_STORE_BUSY", text: (file) => `${file} is locked.` },
];

function cannotWrite(file: string): string {
  return `${file} cannot be opened for writing.`;
}

function storeError(
  file: string,
  thrown: InstanceType<typeof Database.SqliteError>,
): FailoverError {
  const known = MEANINGS.find((meaning) => thrown.code.startsWith(meaning.begins));
  return new FailoverError(
    known?.code ?? "CF_STORE_FAILED",
    known?.text(file) ?? `${file} could not be used: ${thrown.message}.`,
    { details: { file, sqlite: thrown.code }, cause: thrown },
  );
}
