import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { openStore, openStoreForReading } from "../../../src/store/store.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A store, what another process sees of it, and the events that were told. */
function scene() {
  const path = join(tempDir(), "state.sqlite");
  const store = openStore(path, manualClock());
  onTestFinished(() => store.close());
  const told: string[] = [];
  store.subscribe(({ type }) => {
    told.push(type);
    expect(seen()).toContain(type);
  });
  const seen = (): string[] => {
    const other = openStoreForReading(path, manualClock());
    const events = other?.events.since(0, 100).map(({ type }) => type) ?? [];
    other?.close();
    return events;
  };
  return { path, store, told, seen };
}

const refuse = (why: string): never => {
  throw new Error(why);
};

test("an event is told once it is durable, and never if it is undone", () => {
  const { store, told, seen } = scene();
  store.emit("alone", null);
  store.transaction(() => {
    store.emit("outer", null);
    expect(() =>
      store.transaction(() => {
        store.emit("undone", null);
        refuse("within");
      }),
    ).toThrow("within");
    store.transaction(() => store.emit("inner", null));
    expect(told).toEqual(["alone"]);
  });
  expect(() =>
    store.transaction(() => {
      store.emit("undone", null);
      refuse("all");
    }),
  ).toThrow("all");
  expect(told).toEqual(["alone", "outer", "inner"]);
  expect(seen()).toEqual(told);
});

test("of what is asked for in one turn a fault undoes its own part alone", async () => {
  const { store, told, seen } = scene();
  const all = Promise.allSettled([
    store.together(() => store.emit("a", null).seq),
    store.together(() => {
      store.emit("undone", null);
      refuse("changed my mind");
    }),
    store.together(() => store.emit("b", null).seq),
  ]);
  await Promise.resolve();
  expect(seen()).toEqual([]);
  expect(await all).toMatchObject([
    { value: 1 },
    { reason: new Error("changed my mind") },
    { value: 2 },
  ]);
  expect([seen(), told]).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("a fault that ends SQLite's transaction is that of all who asked in that turn", async () => {
  const { path, store, seen } = scene();
  const other = new Database(path);
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.type = 'full'
    BEGIN SELECT RAISE(ROLLBACK, 'full'); END`);
  other.close();
  const all = ["a", "full", "b"].map(async (type) => store.together(() => store.emit(type, null)));
  const fault = { reason: { message: `${path} could not be used: full.` } };
  expect(await Promise.allSettled(all)).toMatchObject([fault, fault, fault]);
  expect(seen()).toEqual([]);
  await store.together(() => store.emit("c", null));
  expect(seen()).toEqual(["c"]);
});

test("what waits for its commit is made durable before the store is closed", async () => {
  const { path } = scene();
  const store = openStore(path, manualClock());
  const asked = store.together(() => store.meta.set("a", "1"));
  store.close();
  await asked;
  const after = openStore(path, manualClock());
  onTestFinished(() => after.close());
  expect(after.meta.get("a")).toBe("1");
});
