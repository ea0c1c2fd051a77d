import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../../src/store/database.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { tasksTable, type NewTask } from "../../../src/store/tasks.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

function freshStore(): Store {
  const store = openStore(join(tempDir(), "state.db"), manualClock(0));
  onTestFinished(() => store.close());
  return store;
}

const TEXTS = { prompt: "do it", front: "" };
function newTask(changes: Partial<NewTask> = {}): NewTask {
  return {
    project: "/p",
    name: null,
    path: null,
    inode: null,
    title: null,
    priority: "normal",
    tags: ["a"],
    capabilities: [],
    model: null,
    cwd: "/p",
    timeoutMs: null,
    retries: 0,
    dedupe: null,
    rank: 1,
    createdAt: 1,
    ...changes,
  };
}

test("a task is read as it was written, and moves only from the states that are named", () => {
  const { tasks } = freshStore();
  const id = tasks.add(
    newTask({ capabilities: ["docker", "gpu"], path: "inbox/a.md" }),
    TEXTS,
    null,
  );
  expect(tasks.get(id)).toEqual({
    ...newTask({ capabilities: ["docker", "gpu"], path: "inbox/a.md" }),
    id,
    state: "queued",
    waiting: null,
    notBefore: 0,
    attempt: 0,
    retried: 0,
    session: null,
    sessionId: null,
    promptId: null,
    assignedAt: null,
    deliveredAt: null,
    endedAt: null,
    reason: null,
    fileDue: false,
  });
  expect(tasks.move(id, ["assigned"], "delivered", {})).toBe(false);
  expect(tasks.move(id, ["queued"], "assigned", { session: "w-1", fileDue: true })).toBe(true);
  expect(tasks.get(id)).toMatchObject({ state: "assigned", session: "w-1", fileDue: true });
  expect(tasks.move(id, ["assigned"], "delivered", { promptId: "p" })).toBe(true);
  expect(tasks.move(id, ["delivered"], "done", { result: "It is done.", session: null })).toBe(
    true,
  );
  expect(tasks.texts(id)).toEqual({ ...TEXTS, result: "It is done." });
  expect(tasks.byPath("/p", "inbox/a.md")?.id).toBe(id);
});

test("a session has one task at most, whatever is asked for", () => {
  const { tasks } = freshStore();
  const [one, two] = [tasks.add(newTask(), TEXTS, null), tasks.add(newTask(), TEXTS, null)];
  tasks.move(one, ["queued"], "assigned", { session: "w-1" });
  expect(() => tasks.move(two, ["queued"], "assigned", { session: "w-1" })).toThrow(
    expect.objectContaining({ code: "CF_STORE_FAILED" }),
  );
  expect(tasks.activeOf("w-1")?.id).toBe(one);
  expect(tasks.active()).toHaveLength(1);
});

test("what may be given out comes by lane and rank; what waits comes when its time is over", () => {
  const { tasks } = freshStore();
  const id = (rank: number, lane: string[] = [], waiting: "after" | "backOff" | null = null) =>
    tasks.add(newTask({ rank, capabilities: lane }), TEXTS, waiting);
  const [late, early] = [id(9), id(3)];
  const gpu = id(1, ["gpu"]);
  id(0, [], "after");
  const backing = id(0, [], "backOff");
  tasks.change(backing, { notBefore: 50 });
  expect(tasks.lanes()).toEqual(["", "gpu"]);
  expect(tasks.ready("", 10).map((task) => task.id)).toEqual([early, late]);
  expect(tasks.ready("gpu", 10).map((task) => task.id)).toEqual([gpu]);
  expect(tasks.readyCount()).toBe(3);
  expect(tasks.nextWake()).toBe(50);
  expect([tasks.wake(49), tasks.wake(50)]).toEqual([0, 1]);
  expect(tasks.ready("", 1).map((task) => task.id)).toEqual([backing]);
  tasks.rerank("/p", "normal", 4);
  expect(tasks.get(late)?.rank).toBe(5);
  expect(tasks.counts()).toMatchObject({ queued: 5, done: 0 });
});

test("what is looked for all the time is found in an index, however many tasks there are", () => {
  const db = openDatabase(join(tempDir(), "state.db"));
  onTestFinished(() => void db.close());
  const statements: string[] = [];
  const prepare = db.prepare.bind(db);
  tasksTable(
    Object.assign(db, {
      prepare: (sql: string) => {
        statements.push(sql);
        return prepare(sql);
      },
    }),
  );
  const indexesOf = (sql: string): string[] =>
    prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all({ lane: "", limit: 1, project: "/p" })
      .flatMap(({ detail }) => /(?:SEARCH|SCAN) tasks\b.* INDEX (\w+)/.exec(detail)?.[1] ?? []);
  const ready = statements.filter((sql) => /SELECT.*waiting IS NULL/s.test(sql));
  expect(ready.length).toBeGreaterThan(3);
  expect(new Set(ready.flatMap(indexesOf))).toEqual(new Set(["tasks_ready"]));
  const files = statements.filter((sql) => /path IS NOT NULL/.test(sql));
  expect(files.flatMap(indexesOf)).toEqual(["tasks_by_state"]);
});

test("the same key of the same project is found unless that task failed or was cancelled", () => {
  const { tasks } = freshStore();
  const id = tasks.add(newTask({ dedupe: "key:a", name: "x" }), TEXTS, null);
  expect(tasks.byDedupe("/p", "key:a")?.id).toBe(id);
  expect(tasks.byDedupe("/q", "key:a")).toBeNull();
  expect(tasks.byName("/p", "x")?.id).toBe(id);
  tasks.move(id, ["queued"], "cancelled", {});
  expect(tasks.byDedupe("/p", "key:a")).toBeNull();
});

test("dependencies are by number or by a name that comes later", () => {
  const { tasks, taskAfter } = freshStore();
  const [one, two] = [tasks.add(newTask(), TEXTS, null), tasks.add(newTask(), TEXTS, "after")];
  taskAfter.add(two, { name: "1", task: one, done: false, project: "/p" });
  taskAfter.add(two, { name: "build", task: null, done: false, project: "/p" });
  expect(taskAfter.waitersOf(one)).toEqual([two]);
  expect(taskAfter.waitersOfName("/p", "build")).toEqual([two]);
  taskAfter.resolve("/p", "build", 7);
  taskAfter.settle(one);
  expect(taskAfter.of(two)).toEqual([
    { name: "1", task: one, done: true },
    { name: "build", task: 7, done: false },
  ]);
  expect(taskAfter.waitersOf(one)).toEqual([]);
});
