import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TASK_PRIORITIES } from "../../src/config/config.ts";
import { findCycle } from "../../src/dispatch/dependencies.ts";
import { parseTaskFile } from "../../src/dispatch/parse-task.ts";
import { rankOf } from "../../src/dispatch/rank.ts";
import {
  freeAt,
  route,
  type ReadyTask,
  type RouteOptions,
  type WorkerView,
} from "../../src/dispatch/router.ts";

const SESSION_KINDS = ["dedicated", "pool", "adopted"] as const;
const SESSION_STATES = [
  "starting",
  "working",
  "idle",
  "asking",
  "limited",
  "held",
  "dead",
] as const;
const capability = fc.constantFrom("gpu", "docker", "browser");
const workplace = fc.record({
  project: fc.constantFrom("/p", "/q"),
  cwd: fc.constantFrom("/p", "/q", "/p/a"),
  model: fc.constantFrom(null, "opus"),
});
const worker = fc.record<WorkerView>({
  name: fc.stringMatching(/^w-\d{1,3}$/),
  kind: fc.constantFrom(...SESSION_KINDS),
  state: fc.oneof(
    { weight: 3, arbitrary: fc.constant("idle" as const) },
    fc.constantFrom(...SESSION_STATES),
  ),
  held: fc.boolean(),
  draining: fc.boolean(),
  cutOff: fc.boolean(),
  task: fc.option(fc.nat(100)),
  startedAt: fc.nat(20_000),
  freedAt: fc.option(fc.nat(20_000)),
  notBefore: fc.nat(20_000),
  capabilities: fc.uniqueArray(capability),
  workplace: fc.option(
    fc.oneof(
      workplace,
      workplace.map((each) => ({ ...each, project: null })),
    ),
  ),
  spent: fc.boolean(),
});
const freeWorker = worker.map((each) => ({
  ...each,
  kind: "pool" as const,
  state: "idle" as const,
  held: false,
  draining: false,
  cutOff: false,
  task: null,
}));
const situation = fc.record<RouteOptions>({
  tasks: fc.uniqueArray(
    fc.record<ReadyTask>({
      id: fc.nat(1000),
      capabilities: fc.uniqueArray(capability, { maxLength: 2 }),
      workplace,
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  ),
  workers: fc.uniqueArray(fc.oneof(worker, freeWorker), {
    selector: ({ name }) => name,
    maxLength: 12,
  }),
  now: fc.integer({ min: 10_000, max: 30_000 }),
  cooldownMs: fc.nat(5_000),
  settleMs: fc.nat(5_000),
});

test("a task goes only to a free session of the pool that can do it, and each gets one at most", () => {
  fc.assert(
    fc.property(situation, (options) => {
      const assignments = route(options);
      const sessions = assignments.map(({ session }) => session);
      const tasks = assignments.map(({ task }) => task);
      expect(new Set(sessions).size).toBe(sessions.length);
      expect(new Set(tasks).size).toBe(tasks.length);
      for (const { task, session, recycle } of assignments) {
        const to = options.workers.find(({ name }) => name === session);
        const what = options.tasks.find(({ id }) => id === task);
        expect(to).toMatchObject({ kind: "pool", state: "idle", held: false, draining: false });
        expect(to).toMatchObject({ cutOff: false, task: null });
        expect(freeAt(to as WorkerView, options)).toBeLessThanOrEqual(options.now);
        expect(what?.capabilities.filter((each) => !to?.capabilities.includes(each))).toEqual([]);
        const has = to?.workplace;
        const project = has?.project ?? what?.workplace.project;
        const isRight =
          has !== null &&
          to?.spent === false &&
          isDeepStrictEqual({ ...has, project }, { ...what?.workplace });
        expect(recycle).toBe(!isRight);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("no task is passed over while a session that can do it stays free", () => {
  fc.assert(
    fc.property(situation, (options) => {
      const assignments = route(options);
      const given = new Set(assignments.map(({ task }) => task));
      const taken = new Set(assignments.map(({ session }) => session));
      const left = options.workers.filter(
        (each) => !taken.has(each.name) && freeAt(each, options) <= options.now,
      );
      for (const task of options.tasks.filter(({ id }) => !given.has(id))) {
        const able = left.filter((each) =>
          task.capabilities.every((what) => each.capabilities.includes(what)),
        );
        expect(able).toEqual([]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("the first task gets a session whenever one can do it, whatever comes after it", () => {
  fc.assert(
    fc.property(situation, (options) => {
      const [first] = options.tasks;
      fc.pre(first !== undefined);
      const alone = route({ ...options, tasks: [first] });
      expect(route(options).slice(0, alone.length)).toEqual(alone);
    }),
  );
});

test("nothing starves: whatever comes later than the levels are worth goes after it", () => {
  const priority = fc.constantFrom(...TASK_PRIORITIES);
  const claim = fc.record({ priority, projectPlace: fc.nat(5), enqueuedAt: fc.nat(1e9) });
  fc.assert(
    fc.property(claim, claim, fc.integer({ min: 1, max: 1e7 }), (a, b, ageingMs) => {
      const most = (a.projectPlace + 1) * TASK_PRIORITIES.length * ageingMs;
      const later = { ...b, enqueuedAt: a.enqueuedAt + most };
      expect(rankOf({ ...a, ageingMs })).toBeLessThan(rankOf({ ...later, ageingMs }) + 1);
      const urgent = { ...a, priority: "critical" as const, ageingMs };
      expect(rankOf(urgent)).toBeLessThanOrEqual(rankOf({ ...a, ageingMs }));
    }),
  );
});

test("a cycle is found exactly where a task would wait for itself", () => {
  const graph = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
  fc.assert(
    fc.property(graph, fc.uniqueArray(fc.nat(7)), fc.uniqueArray(fc.nat(7)), (edges, on, by) => {
      const dependenciesOf = (task: number) =>
        edges.filter(([from]) => from === task).map(([, to]) => to);
      const reachable = new Set<number>();
      const visit = (task: number): void => {
        if (reachable.has(task)) return;
        reachable.add(task);
        dependenciesOf(task).forEach(visit);
      };
      on.forEach(visit);
      const way = findCycle({ waitsFor: on, waiters: new Set(by), dependenciesOf });
      expect(way !== null).toBe(by.some((each) => reachable.has(each)));
      if (way !== null) {
        expect(on).toContain(way[0]);
        expect(by).toContain(way.at(-1));
      }
    }),
  );
});

test("any bytes are a task or get one sentence, never a throw", () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary" }).map((each) => Buffer.from(`---\n${each}\n---\nx`)),
    fc.json().map((each) => Buffer.from(`---\n${each}\n---\nx`)),
  );
  fc.assert(
    fc.property(text, (bytes) => {
      const parsed = parseTaskFile(bytes);
      if (parsed.ok) {
        expect(parsed.task.prompt).toBe(parsed.task.prompt.trim());
        expect(parsed.task.prompt).not.toBe("");
      } else expect(parsed.why).toMatch(/^[^\n]+[.?]$/);
    }),
    { numRuns: 50 },
  );
});
