import { expect, onTestFinished, test } from "vitest";
import { parseTaskRequest } from "../../../src/dispatch/parse-task.ts";
import { TaskQueue } from "../../../src/dispatch/queue.ts";
import { openStore } from "../../../src/store/store.ts";
import { configFrom } from "../../support/config-text.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

function configOf(first: string, second: string) {
  return configFrom(`
accounts: [{ name: a, home: ~/.a }]
sessions: { pool: { cwd: /p } }
dispatch:
  ageing: 1h
  projects: [{ path: ${first}, priority: 10 }, { path: ${second}, priority: 20 }]
`);
}

/** A queue of two projects, and the order in which what waits is given out. */
function scene() {
  const clock = manualClock();
  const store = openStore(`${tempDir()}/state.db`, clock);
  onTestFinished(() => store.close());
  const queueOf = (config: ReturnType<typeof configOf>) =>
    new TaskQueue({ config, store, clock, random: () => 0 });
  const queue = queueOf(configOf("/first", "/second"));
  const add = (project: string, priority: string, text: string): void => {
    const parsed = parseTaskRequest({ priority }, { prompt: text });
    if (!parsed.ok) throw new Error(parsed.why);
    queue.add({ project, spec: parsed.task, front: "", file: null });
    clock.advance(60_000);
  };
  const order = () =>
    store.tasks
      .lanes()
      .flatMap((lane) => store.tasks.ready(lane, 10))
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ id }) => store.tasks.texts(id)?.prompt ?? "");
  return { clock, queueOf, add, order };
}

test("a project goes before the next one, a priority before the next one, and what waited long before both", () => {
  const { clock, add, order } = scene();
  add("/second", "critical", "old of the second");
  clock.advance(8 * 3_600_000);
  add("/second", "critical", "urgent of the second");
  add("/first", "low", "low of the first");
  add("/first", "normal", "normal of the first");
  expect(order()).toEqual([
    "old of the second",
    "normal of the first",
    "low of the first",
    "urgent of the second",
  ]);
});

test("another configuration changes the order of what waits", () => {
  const { queueOf, add, order } = scene();
  add("/second", "normal", "of the second");
  add("/first", "normal", "of the first");
  expect(order()).toEqual(["of the first", "of the second"]);
  queueOf(configOf("/second", "/first")).refresh();
  expect(order()).toEqual(["of the second", "of the first"]);
});
