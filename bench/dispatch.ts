// What dispatching costs: `node bench/dispatch.ts`. Durable enqueues a second, and the time from a
// session's turn end until its next task is typed, with 1,000 sessions of which each works for a while,
// with 10,000 tasks and with 500. Store, queue, router and follow-up are the daemon's; the sessions are
// stand-ins without a terminal, so that this is our own share.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseHook } from "../src/claude/hooks.ts";
import { systemClock } from "../src/clock.ts";
import { parseConfig } from "../src/config/parse.ts";
import { Dispatcher } from "../src/dispatch/dispatcher.ts";
import type { TaskSpec } from "../src/dispatch/model.ts";
import { parseTaskRequest } from "../src/dispatch/parse-task.ts";
import type { SessionFacts } from "../src/dispatch/ports.ts";
import { TaskQueue, type Enqueued, type Incoming } from "../src/dispatch/queue.ts";
import { openStore } from "../src/store/store.ts";
import { idleWorker } from "../test/support/idle-worker.ts";

const SESSIONS = 1_000;
/** What a stand-in's turn takes; with 1,000 of them some 100 end every second. */
const TURN_MS = 10_000;
const ASSIGNMENTS = 600;
type Queue = { readonly add: (incoming: Incoming) => Promise<Enqueued> };

const root = mkdtempSync(join(tmpdir(), "cf-bench-dispatch-"));
try {
  // The short queue once more after the long one: what a machine does beside is not the queue's length.
  const before = await run(2_500);
  const many = await run(10_000);
  const few = (before + (await run(2_500))) / 2;
  console.log(
    `assigning from 9,000 waiting tasks takes ${(many / few).toFixed(2)} times as from 1,500`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** Runs with so many tasks; the median time until a free session has its next one, milliseconds. */
async function run(tasks: number): Promise<number> {
  const project = mkdtempSync(join(root, "project-"));
  const parsed = parseConfig({
    text: JSON.stringify({
      accounts: [{ name: "a", home: join(root, "a") }],
      sessions: { pool: { cwd: project, max: SESSIONS } },
      dispatch: { projects: [{ path: project }], settle: "0s" },
    }),
    file: join(root, "config.yaml"),
    home: root,
    realPath: (path) => path,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  const { config } = parsed;
  const store = openStore(join(project, "state.db"), systemClock);
  const queue = new TaskQueue({ config, store, clock: systemClock, random: Math.random });
  const together: Queue = {
    add: async (incoming) => store.together(() => queue.add(incoming)),
  };
  const alone = await enqueue(together, project, 300, 1);
  const perSecond = await enqueue(together, project, tasks - 300, 25);
  const stop = new AbortController();
  const facts = sessions(project);
  const freeSince = new Map<string, number>();
  const took: number[] = [];
  const timers: NodeJS.Timeout[] = [];
  const done = Promise.withResolvers<void>();
  const end = (name: string): void => {
    facts.set(name, { ...fact(facts, name), state: "idle" });
    freeSince.set(name, performance.now());
    const hook = { hook_event_name: "Stop", session_id: fact(facts, name).sessionId };
    const signal = parseHook({ ...hook, last_assistant_message: "Done." }, Date.now());
    if (signal !== null && !stop.signal.aborted) dispatcher.signal(name, signal, Date.now());
  };
  const dispatcher = new Dispatcher({
    config,
    store,
    clock: systemClock,
    signal: stop.signal,
    random: Math.random,
    queue,
    sessions: () => [...facts.values()],
    session: (name) => facts.get(name) ?? null,
    whyLost: () => null,
    frozen: () => null,
    deliver: async ({ session }) => {
      const since = freeSince.get(session);
      if (since !== undefined) took.push(performance.now() - since);
      if (took.length === ASSIGNMENTS) done.resolve();
      facts.set(session, { ...fact(facts, session), state: "working" });
      timers.push(setTimeout(() => end(session), TURN_MS * (0.5 + Math.random())));
      return Promise.resolve({ kind: "delivered", promptId: randomUUID(), at: Date.now() });
    },
    askedFor: async () => Promise.resolve(null),
    nudgeAfterResume: () => "continue",
    recycle: async () => Promise.resolve({ kind: "notReady", why: "not here" }),
    interrupt: async () => Promise.resolve(true),
    look: () => null,
    lengthOf: () => null,
    onFault: (what, thrown) => console.error(what, thrown),
  });
  dispatcher.start();
  await done.promise;
  stop.abort();
  timers.forEach((timer) => clearTimeout(timer));
  await delay(50);
  report(`${tasks} tasks: durable enqueues a second, one caller`, alone);
  report(`${tasks} tasks: durable enqueues a second, 25 callers`, perSecond);
  report(`${tasks} tasks: free until typed, median ms`, at(took, 0.5).toFixed(1));
  report(`${tasks} tasks: free until typed, 95 % ms`, at(took, 0.95).toFixed(1));
  store.close();
  return at(took, 0.5);
}

/** As so many callers of the API do side by side: each asks again when it was answered. */
async function enqueue(queue: Queue, project: string, tasks: number, callers: number) {
  const specs = Array.from({ length: tasks }, (_, each) => specOf(each));
  const began = performance.now();
  const left = specs.values();
  const caller = async (): Promise<void> => {
    for (const spec of left) {
      const added = await queue.add({ project, spec, front: "", file: null });
      if (added.kind !== "queued") throw new Error(JSON.stringify(added));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return Math.round((tasks / (performance.now() - began)) * 1_000);
}

function specOf(each: number): TaskSpec {
  const priority = ["critical", "high", "normal", "low"][each % 4];
  const parsed = parseTaskRequest({ priority }, { prompt: `Task no. ${each} of all.` });
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.task;
}

function sessions(cwd: string): Map<string, SessionFacts> {
  const all = Array.from({ length: SESSIONS }, (_, index) =>
    idleWorker(cwd, { name: `ccl-auto-${index + 1}`, sessionId: randomUUID() }),
  );
  return new Map(all.map((each) => [each.name, each]));
}

function fact(facts: ReadonlyMap<string, SessionFacts>, name: string): SessionFacts {
  const found = facts.get(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function at(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

function report(label: string, figure: string | number): void {
  console.log(`${label.padEnd(50)} ${figure}`);
}
