import { mkdirSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseHook } from "../../../src/claude/hooks.ts";
import type { PromptTurn } from "../../../src/claude/prompt-turn.ts";
import { Dispatcher } from "../../../src/dispatch/dispatcher.ts";
import { parseTaskRequest } from "../../../src/dispatch/parse-task.ts";
import { inodeOf } from "../../../src/dispatch/queue-folder.ts";
import type { TaskFile } from "../../../src/dispatch/queue.ts";
import type { DispatchPorts, SessionFacts } from "../../../src/dispatch/ports.ts";
import { configFrom } from "../../support/config-text.ts";
import { idleWorker } from "../../support/idle-worker.ts";
import { inboxRig, type InboxRig } from "../../support/inbox-rig.ts";

const SECOND = 1_000;

/** A dispatcher on a real store whose one session is what the test says it is. */
function followRig(
  dispatch: string,
  changes: Partial<SessionFacts> = {},
  before: (rig: InboxRig) => void = () => undefined,
) {
  const rig = inboxRig({ dispatch });
  const config = configFrom(`
accounts: [{ name: a, home: ~/.a }]
sessions: { pool: { prefix: w-, cwd: /p }, nudge: go on }
dispatch:
  projects: [{ path: ${JSON.stringify(rig.project)} }]
  settle: 0s
${dispatch}
`);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const typed: string[] = [];
  const stopped: string[] = [];
  const world = {
    length: 0,
    asked: null as string | null,
    broken: null as string | null,
    lost: null as string | null,
    turn: null as PromptTurn | null,
  };
  let facts = idleWorker(rig.project, changes);
  const ports: DispatchPorts = {
    ...rig,
    config,
    signal: stop.signal,
    random: () => 0,
    sessions: () => [facts],
    session: (name) => (name === facts.name ? facts : null),
    whyLost: () => world.lost,
    frozen: () => null,
    deliver: async ({ text }) => {
      if (world.broken !== null) throw new Error(world.broken);
      typed.push(text);
      facts = { ...facts, state: "working" };
      const promptId = `p${typed.length}`;
      return Promise.resolve({ kind: "delivered", promptId, at: rig.clock.now() });
    },
    askedFor: async () => Promise.resolve(world.asked),
    nudgeAfterResume: () => "go on after the end",
    recycle: async () => {
      facts = { ...facts, sessionId: `${facts.sessionId}+` };
      return Promise.resolve({ kind: "ready", sessionId: facts.sessionId ?? "" });
    },
    interrupt: async (name) => {
      stopped.push(name);
      facts = { ...facts, state: "idle" };
      return Promise.resolve(true);
    },
    look: () => world.turn,
    lengthOf: () => world.length,
    onFault: (_what, thrown) => void rig.faults.push(thrown),
  };
  const dispatcher = new Dispatcher(ports);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  before(rig);
  dispatcher.start();
  return {
    ...rig,
    typed,
    stopped,
    world,
    settle,
    set: (more: Partial<SessionFacts>) => (facts = { ...facts, ...more }),
    hook: (fields: object) => {
      const signal = parseHook({ session_id: facts.sessionId, ...fields }, rig.clock.now());
      if (signal === null) throw new Error("no hook of the client's");
      dispatcher.signal("w-1", signal, rig.clock.now());
    },
    /** Gives the first task out, and lets so much time pass with a look after each step. */
    begin: async () => {
      rig.put("a.md", "Do it.");
      await rig.scan();
      dispatcher.look();
      await settle();
      expect(rig.tasks()).toMatchObject([{ state: "delivered", session: "w-1" }]);
    },
    pass: async (ms: number, steps = 1) => {
      for (let step = 0; step < steps; step++) {
        rig.clock.advance(ms);
        dispatcher.look();
        await settle();
      }
    },
  };
}

/** Takes a task in without looking at the inbox, which would make its folders. */
function add(rig: InboxRig, file: TaskFile | null): void {
  const parsed = parseTaskRequest({}, { prompt: "Do it." });
  if (!parsed.ok) throw new Error(parsed.why);
  rig.queue.add({ project: rig.project, spec: parsed.task, front: "", file });
}

/** What a transcript tells of a turn in which nothing was said since, but that it was ended. */
function cutOffAt(at: number): PromptTurn {
  const how = { ended: false, answer: null, interrupted: true };
  return { promptId: "p1", at, lastAt: at, ...how };
}

const STUCK = "  stuck: { after: 10s, steps: [report, nudge, interrupt] }";

test("a session that hangs is told, nudged and interrupted, a step each time; growing ends that", async () => {
  const rig = followRig(STUCK);
  await rig.begin();
  const steps = () => rig.events("task.stuck").map((data) => (data as { step: string }).step);
  await rig.pass(6 * SECOND, 1);
  rig.world.length = 100;
  await rig.pass(6 * SECOND);
  expect(steps()).toEqual([]);
  await rig.pass(11 * SECOND);
  expect(steps()).toEqual(["report"]);
  await rig.pass(SECOND);
  expect([steps().length, rig.typed, rig.stopped]).toEqual([1, ["Do it."], []]);
  await rig.pass(9 * SECOND);
  expect(steps()).toEqual(["report", "nudge"]);
  expect(rig.typed).toEqual(["Do it.", "go on"]);
  await rig.pass(10 * SECOND);
  expect(steps()).toEqual(["report", "nudge", "interrupt"]);
  expect(rig.stopped).toEqual(["w-1"]);
  expect(rig.tasks()).toMatchObject([
    { state: "failed", reason: expect.stringMatching(/^it is stuck: its transcript did not grow/) },
  ]);
  expect(rig.faults).toEqual([]);
});

test("a session that was held, or waited for its account, does not hang when it goes on", async () => {
  const rig = followRig(STUCK);
  await rig.begin();
  await rig.pass(SECOND);
  rig.set({ held: true });
  await rig.pass(60 * SECOND);
  rig.set({ held: false });
  await rig.pass(SECOND, 5);
  expect(rig.events("task.stuck")).toEqual([]);
  await rig.pass(10 * SECOND);
  expect(rig.events("task.stuck")).toMatchObject([{ step: "report" }]);
});

test("a machine that was suspended for hours makes no session hang", async () => {
  const rig = followRig(STUCK);
  await rig.begin();
  await rig.pass(SECOND);
  rig.clock.setNow(rig.clock.now() + 3_600 * SECOND);
  await rig.pass(SECOND, 5);
  expect(rig.events("task.stuck")).toEqual([]);
  expect(rig.stopped).toEqual([]);
});

test("a task that takes too long is ended, and tried again as often as allowed, each later", async () => {
  const rig = followRig("  timeout: 60s\n  retries: 2\n  retryDelay: 30s");
  await rig.begin();
  await rig.pass(59 * SECOND);
  expect(rig.stopped).toEqual([]);
  await rig.pass(2 * SECOND);
  expect(rig.stopped).toEqual(["w-1"]);
  const first = rig.tasks()[0];
  expect(first).toMatchObject({ state: "requeued", waiting: "backOff", retried: 1 });
  const delay = (first?.notBefore ?? 0) - rig.clock.now();
  await rig.pass(delay - 1);
  expect(rig.tasks()[0]?.state).toBe("requeued");
  await rig.pass(2);
  expect(rig.tasks()[0]).toMatchObject({ state: "delivered", attempt: 2 });
  await rig.pass(61 * SECOND);
  const second = rig.tasks()[0];
  expect((second?.notBefore ?? 0) - rig.clock.now()).toBeGreaterThan(1.5 * delay);
  await rig.pass(4 * delay);
  await rig.pass(61 * SECOND);
  expect(rig.tasks()).toMatchObject([
    { state: "failed", attempt: 3, retried: 2, reason: "it took longer than 60 s" },
  ]);
  expect(rig.typed).toEqual(["Do it.", "Do it.", "Do it."]);
});

test.each<readonly [string, Partial<SessionFacts>]>([
  ["waits for its account", { refused: { class: "usageLimit", text: "limit" } }],
  ["is held", { held: true }],
])("the time in which a task's session %s is no time that it takes", async (_how, change) => {
  const rig = followRig("  timeout: 60s");
  await rig.begin();
  await rig.pass(40 * SECOND);
  rig.set(change);
  await rig.pass(SECOND);
  await rig.pass(600 * SECOND, 3);
  rig.set({ refused: null, held: false });
  await rig.pass(SECOND, 15);
  expect(rig.tasks()).toMatchObject([{ state: "delivered" }]);
  await rig.pass(SECOND, 10);
  expect(rig.tasks()).toMatchObject([{ state: "failed", reason: "it took longer than 60 s" }]);
});

test("a session that asks is told with what it asks, and the task goes on", async () => {
  const rig = followRig("");
  await rig.begin();
  rig.world.asked = "Bash (rm -rf build)";
  const message = "Claude needs your permission to use Bash";
  rig.set({ state: "asking" });
  const ask = { hook_event_name: "Notification", notification_type: "permission_prompt", message };
  rig.hook(ask);
  await rig.settle();
  rig.world.asked = null;
  rig.hook({ ...ask, notification_type: "elicitation_dialog", message: "Which one?" });
  rig.hook({ ...ask, notification_type: "idle_prompt" });
  await rig.settle();
  expect(rig.events("task.asking")).toEqual([
    { task: 1, session: "w-1", text: `${message}: Bash (rm -rf build)` },
    { task: 1, session: "w-1", text: "Which one?" },
  ]);
  // With something in the background the session is woken again: not its last turn.
  const stop = { hook_event_name: "Stop", last_assistant_message: "Soon." };
  rig.hook({ ...stop, background_tasks: [{ id: "b1" }] });
  expect(rig.tasks()[0]?.state).toBe("delivered");
  rig.hook({ ...stop, last_assistant_message: "Done." });
  expect(rig.tasks()[0]?.state).toBe("done");
  expect(rig.store.tasks.texts(1)?.result).toBe("Done.");
});

test("a task whose client ended before it took the prompt is given out again, with that proof", async () => {
  const rig = followRig("");
  await rig.begin();
  rig.set({ state: "dead" });
  await rig.pass(SECOND);
  expect(rig.tasks()[0]?.state).toBe("requeued");
  expect(rig.store.taskSteps.of(1).at(-1)?.detail).toMatch(/no transcript of s1 holds the prompt/);
});

test("a turn that its client's end cut off goes on with what it was ended in, once", async () => {
  const rig = followRig("");
  await rig.begin();
  rig.world.turn = cutOffAt(rig.clock.now());
  rig.set({ state: "dead" });
  await rig.pass(SECOND);
  expect(rig.tasks()[0]?.state).toBe("delivered");
  rig.set({ state: "idle" });
  await rig.pass(SECOND);
  expect(rig.typed).toEqual(["Do it."]);
  // Nothing but the transcript and the client's start says so: no daemon has to have heard it end.
  rig.set({ startedAt: rig.clock.now() });
  await rig.pass(SECOND);
  expect(rig.typed).toEqual(["Do it.", "go on after the end"]);
  rig.set({ state: "idle", promptedAt: rig.clock.now() });
  await rig.pass(SECOND);
  rig.world.turn = cutOffAt(rig.clock.now());
  rig.set({ promptedAt: 0 });
  await rig.pass(SECOND, 2);
  expect(rig.typed).toHaveLength(2);
  expect(rig.events("task.continued")).toHaveLength(1);
});

test("a turn in which its client ends again and again fails with that reason", async () => {
  const rig = followRig("");
  await rig.begin();
  for (let end = 1; end <= 4; end++) {
    rig.world.turn = cutOffAt(rig.clock.now());
    await rig.pass(SECOND);
    rig.set({ state: "idle", startedAt: rig.clock.now() });
    await rig.pass(1);
  }
  expect(rig.typed).toHaveLength(4);
  expect(rig.tasks()).toMatchObject([
    { state: "failed", reason: "its client ended 4 times in the middle of its turn" },
  ]);
});

test("a session that is not known yet has its task still; one that is not started again has lost it", async () => {
  const rig = followRig("");
  await rig.begin();
  rig.world.turn = cutOffAt(rig.clock.now());
  rig.set({ name: "another" });
  await rig.pass(SECOND, 2);
  expect(rig.tasks()[0]?.state).toBe("delivered");
  rig.set({ name: "w-1", state: "dead" });
  await rig.pass(SECOND);
  expect(rig.tasks()[0]?.state).toBe("delivered");
  rig.world.lost = "the client of w-1 crashed again and again";
  await rig.pass(SECOND);
  const reason = expect.stringMatching(/^the client of w-1 crashed .*; the prompt is in s1, whose/);
  expect(rig.tasks()).toMatchObject([{ state: "failed", reason }]);
});

describe("what a daemon before this one gave out to a session that does not run", () => {
  const givenOut = (rig: InboxRig): void => {
    add(rig, null);
    const [task] = rig.tasks();
    if (task !== undefined) rig.queue.assign(task, "w-1", { sessionId: "s1" });
  };

  test("is typed when it is up again, if nothing of it was written", async () => {
    const rig = followRig("", { state: "dead" }, givenOut);
    await rig.pass(SECOND, 3);
    expect([rig.typed, rig.tasks()[0]?.state]).toEqual([[], "assigned"]);
    rig.set({ state: "idle" });
    await rig.pass(SECOND);
    expect([rig.typed, rig.tasks()[0]?.state]).toEqual([["Do it."], "delivered"]);
  });

  test("is not typed, if its client still wrote it", async () => {
    const rig = followRig("", { state: "dead" }, givenOut);
    await rig.pass(SECOND);
    rig.world.turn = cutOffAt(rig.clock.now());
    rig.set({ state: "idle" });
    await rig.pass(SECOND);
    expect([rig.typed, rig.tasks()[0]?.state]).toEqual([[], "delivered"]);
  });

  test("is given to another where it does not come up, with that proof", async () => {
    const rig = followRig("", { state: "dead" }, givenOut);
    await rig.pass(SECOND, 35);
    expect(rig.tasks()[0]?.state).toBe("requeued");
    const proof = rig.store.taskSteps.of(1).at(-1)?.detail;
    expect(proof).toMatch(/^w-1 does not run; .* no transcript of s1 holds it$/);
    expect(rig.faults).toEqual([]);
  });
});

test("a file that cannot be moved is told once, and also when it could be", async () => {
  const rig = followRig("");
  rig.put("a.md", "Do it.");
  const path = "inbox/a.md";
  const inode = inodeOf(rig.project, path) ?? "";
  add(rig, { name: "a", path, inode });
  await rig.pass(SECOND);
  rig.hook({ hook_event_name: "Stop", last_assistant_message: "Done." });
  await rig.pass(SECOND, 2);
  const { project } = rig;
  const text = "The file of task 1 cannot be moved: a folder is gone. It is tried again.";
  expect(rig.events("inbox.unusable")).toEqual([{ project, text }]);
  mkdirSync(rig.path("done"));
  await rig.pass(SECOND, 2);
  expect(rig.events("inbox.usable")).toEqual([{ project }]);
  expect(rig.folder("done")).toEqual(["a.md"]);
});

test("a delivery that breaks is given out again only when its client is seen to be gone", async () => {
  const rig = followRig("");
  rig.world.broken = "the connection was lost";
  rig.put("a.md", "Do it.");
  rig.put("b.md", "Do that.");
  await rig.scan();
  await rig.pass(1);
  expect(rig.tasks().map(({ state }) => state)).toEqual(["queued", "assigned"]);
  await rig.pass(SECOND, 3);
  rig.world.broken = null;
  rig.set({ state: "dead" });
  await rig.pass(SECOND);
  expect(rig.tasks()[1]?.state).toBe("requeued");
  const proof = rig.store.taskSteps.of(1).at(-1)?.detail;
  expect(proof).toMatch(/the connection was lost; its client was ended, and no transcript of s1/);

  rig.set({ state: "idle" });
  rig.world.broken = "lost again";
  await rig.pass(SECOND);
  const given = rig.tasks().find(({ state }) => state === "assigned");
  await rig.pass(SECOND, 35);
  expect(rig.store.tasks.get(given?.id ?? 0)).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/^it is not known whether w-1 took it: Error: lost again/),
  });
});
