import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { FailoverError } from "../../../src/errors.ts";
import { openDatabase, openDatabaseForReading } from "../../../src/store/database.ts";
import { migrate, MIGRATIONS, SCHEMA_VERSION } from "../../../src/store/migrations.ts";
import { atomically, prepare, type Connection } from "../../../src/store/statement.ts";
import { tempDir } from "../../support/temp-dir.ts";

function opened(path: string): Connection {
  const db = openDatabase(path);
  onTestFinished(() => void db.close());
  return db;
}

function errorOf(work: () => unknown): FailoverError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof FailoverError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

describe("opening the state file", () => {
  it("makes folder and files for the owner alone, whatever the umask", () => {
    const old = process.umask(0);
    onTestFinished(() => void process.umask(old));
    const path = join(tempDir(), "a", "b", "state.sqlite");
    opened(path);
    const mode = (each: string): string => (statSync(each).mode & 0o777).toString(8);
    expect(mode(join(path, ".."))).toBe("700");
    const files = readdirSync(join(path, ".."));
    expect(files.toSorted()).toEqual(["state.sqlite", "state.sqlite-shm", "state.sqlite-wal"]);
    for (const file of files) expect(mode(join(path, "..", file))).toBe("600");
  });

  it("makes every commit durable", () => {
    const db = opened(join(tempDir(), "state.sqlite"));
    expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(db.pragma("synchronous", { simple: true })).toBe(2);
    expect(db.pragma("foreign_keys", { simple: true })).toBe(1);
    expect(db.pragma("busy_timeout", { simple: true })).toBe(5_000);
  });

  it("refuses a newer schema in a sentence and leaves the file alone", () => {
    const path = join(tempDir(), "state.sqlite");
    const db = openDatabase(path);
    db.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    db.close();
    const bytes = readFileSync(path);
    for (const open of [openDatabase, openDatabaseForReading]) {
      const error = errorOf(() => open(path));
      expect(error.code).toBe("CF_STORE_NEWER");
      expect(error.message).toBe(
        `${path} was written by a newer version (schema ${SCHEMA_VERSION + 1}, known up to ${SCHEMA_VERSION}).`,
      );
    }
    expect(readFileSync(path)).toEqual(bytes);
  });

  it("leaves another program's database alone", () => {
    const path = join(tempDir(), "places.sqlite");
    const foreign = new Database(path);
    foreign.exec("CREATE TABLE bookmarks (url TEXT)");
    foreign.close();
    const bytes = readFileSync(path);
    expect(errorOf(() => openDatabase(path)).code).toBe("CF_STORE_CORRUPT");
    expect(readFileSync(path)).toEqual(bytes);
  });

  it("says that a file is damaged", () => {
    const path = join(tempDir(), "state.sqlite");
    writeFileSync(path, "this is no database, and long enough to be looked at".repeat(40));
    const error = errorOf(() => openDatabase(path));
    expect(error.code).toBe("CF_STORE_CORRUPT");
    expect(error.message).toBe(`${path} is damaged.`);
  });

  it("says that a page in the middle is damaged, when it is read", () => {
    const path = join(tempDir(), "state.sqlite");
    const db = openDatabase(path);
    const insert = prepare(db, "INSERT INTO events (at, type, data) VALUES (1, 'x', @data)");
    atomically(db, () => {
      for (let row = 0; row < 100; row += 1) insert.run({ data: "y".repeat(4000) });
    });
    db.close();
    const bytes = readFileSync(path);
    bytes.fill(0xee, 4096 * 60, bytes.length);
    writeFileSync(path, bytes);
    const damaged = opened(path);
    const error = errorOf(() => prepare(damaged, "SELECT * FROM events").all());
    expect(error.code).toBe("CF_STORE_CORRUPT");
  });

  it("says that a folder cannot be written", () => {
    const folder = tempDir();
    writeFileSync(join(folder, "file"), "");
    const error = errorOf(() => openDatabase(join(folder, "file", "state.sqlite")));
    expect(error.code).toBe("CF_STORE_UNWRITABLE");
    mkdirSync(join(folder, "state.sqlite"));
    expect(errorOf(() => openDatabase(join(folder, "state.sqlite"))).code).toBe(
      "CF_STORE_UNWRITABLE",
    );
  });

  it("says that the disk is full, and undoes what was begun", () => {
    const db = opened(join(tempDir(), "state.sqlite"));
    const pages = Number(db.pragma("page_count", { simple: true }));
    db.pragma(`max_page_count = ${pages + 2}`);
    const insert = prepare(db, "INSERT INTO events (at, type, data) VALUES (1, 'x', @data)");
    const error = errorOf(() =>
      atomically(db, () => {
        for (let row = 0; row < 100; row += 1) insert.run({ data: "y".repeat(4000) });
      }),
    );
    expect(error.code).toBe("CF_STORE_FULL");
    expect(error.hint).not.toBe("");
    expect(prepare(db, "SELECT * FROM events").all()).toEqual([]);
  });

  it.each<readonly [string, (db: Connection, write: () => void) => void]>([
    ["a statement", (_db, write) => write()],
    ["a transaction within", (db, write) => atomically(db, write)],
  ])("commits nothing by itself once SQLite ended the transaction: %s", (_what, again) => {
    const db = opened(join(tempDir(), "state.sqlite"));
    const pages = Number(db.pragma("page_count", { simple: true }));
    db.pragma(`max_page_count = ${pages + 2}`);
    const insert = prepare(db, "INSERT INTO meta (key, value) VALUES (@key, @value)");
    const faults: FailoverError[] = [];
    const last = errorOf(() =>
      atomically(db, () => {
        for (let row = 0; db.inTransaction; row += 1)
          try {
            insert.run({ key: `long${row}`, value: "y".repeat(4000) });
          } catch (thrown) {
            if (thrown instanceof FailoverError) faults.push(thrown);
          }
        faults.push(errorOf(() => again(db, () => void insert.run({ key: "a", value: "b" }))));
      }),
    );
    expect([...faults, last].map(({ code }) => code)).toEqual(Array(3).fill("CF_STORE_FULL"));
    expect(prepare(db, "SELECT * FROM meta").all()).toEqual([]);
    atomically(db, () => insert.run({ key: "a", value: "b" }));
    expect(prepare(db, "SELECT * FROM meta").all()).toEqual([{ key: "a", value: "b" }]);
  });

  it("says that another process is writing", () => {
    const path = join(tempDir(), "state.sqlite");
    const [first, second] = [opened(path), opened(path)];
    second.pragma("busy_timeout = 1");
    first.exec("BEGIN IMMEDIATE");
    const error = errorOf(() => atomically(second, () => undefined));
    first.exec("ROLLBACK");
    expect(error.code).toBe("CF_STORE_BUSY");
    expect(error.recovery).toBe("retry");
  });

  it("migrates once, also when two do it", () => {
    const path = join(tempDir(), "state.sqlite");
    const [first, second] = [opened(path), opened(path)];
    migrate(first);
    migrate(second);
    expect(second.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
  });

  it("keeps a copy of what is older before it is brought up to date, the three newest", () => {
    const path = join(tempDir(), "state.sqlite");
    const made = openDatabase(path);
    made.exec("INSERT INTO meta (key, value) VALUES ('from', 'schema 1')");
    made.close();
    const sql = (version: number): string => `CREATE TABLE added_${version} (x)`;
    for (const last of [2, 3, 4, 5]) {
      const later = Array.from({ length: last - 1 }, (_, index) => ({
        version: index + 2,
        sql: sql(index + 2),
      }));
      openDatabase(path, [...MIGRATIONS, ...later]).close();
    }
    const copies = readdirSync(join(path, "..")).filter((name) => name.includes(".schema-"));
    expect(copies.toSorted()).toEqual([2, 3, 4].map((version) => `state.sqlite.schema-${version}`));
    const copy = new Database(`${path}.schema-2`, { readonly: true });
    onTestFinished(() => void copy.close());
    expect(copy.pragma("user_version", { simple: true })).toBe(2);
    expect(copy.prepare("SELECT value FROM meta").pluck().get()).toBe("schema 1");
    expect(
      copy.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'added%'").pluck().all(),
    ).toEqual(["added_2"]);
    expect(statSync(`${path}.schema-2`).mode & 0o777).toBe(0o600);
  });

  it("leaves the file at its schema when a step fails, with the copy beside it", () => {
    const path = join(tempDir(), "state.sqlite");
    openDatabase(path).close();
    const wrong = [...MIGRATIONS, { version: 2, sql: "CREATE TABLE meta (x)" }];
    expect(() => openDatabase(path, wrong)).toThrow();
    expect(opened(path).pragma("user_version", { simple: true })).toBe(1);
    expect(readdirSync(join(path, ".."))).toContain("state.sqlite.schema-1");
  });

  it("lets a defect of ours be one, not a fault of the disk", () => {
    const db = opened(join(tempDir(), "state.sqlite"));
    const insert = prepare(db, "INSERT INTO meta (key, value) VALUES (@key, @value)");
    expect(() => insert.run({ key: "a" })).toThrow(RangeError);
  });
});

describe("reading the state file without a daemon", () => {
  it("finds none and makes none", () => {
    const folder = tempDir();
    expect(openDatabaseForReading(join(folder, "state.sqlite"))).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("reads beside a writer and cannot write", () => {
    const path = join(tempDir(), "state.sqlite");
    prepare(opened(path), "INSERT INTO meta (key, value) VALUES ('a', 'b')").run();
    const db = openDatabaseForReading(path);
    if (db === null) throw new Error("there is a file");
    onTestFinished(() => void db.close());
    expect(prepare(db, "SELECT value FROM meta").all()).toEqual([{ value: "b" }]);
    const error = errorOf(() => prepare(db, "DELETE FROM meta").run());
    expect(error.code).toBe("CF_STORE_UNWRITABLE");
  });

  it("sends an older schema to the daemon", () => {
    const path = join(tempDir(), "state.sqlite");
    const db = openDatabase(path);
    db.pragma("user_version = 0");
    db.close();
    expect(errorOf(() => openDatabaseForReading(path)).hint).toContain("Start the daemon");
  });
});
