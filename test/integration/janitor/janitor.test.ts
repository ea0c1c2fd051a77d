import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Config } from "../../../src/config/config.ts";
import { slotLinks } from "../../../src/daemon/unused-slots.ts";
import { parseTaskFile } from "../../../src/dispatch/parse-task.ts";
import { Janitor } from "../../../src/janitor/janitor.ts";
import { openLog } from "../../../src/log.ts";
import { configFrom } from "../../support/config-text.ts";
import { inboxRig } from "../../support/inbox-rig.ts";
import { SESSION_ROW } from "../../support/session-row.ts";
import { tempDir } from "../../support/temp-dir.ts";

const DAY = 86_400_000;

function janitorRig(keep = "{}") {
  const rig = inboxRig();
  const config: Config = {
    ...configFrom(`
accounts: [{ name: a, home: ~/.a }]
sessions: { pool: { cwd: /p }, dedicated: [{ name: api, cwd: /p, slot: own }] }
dispatch: { projects: [{ path: ${JSON.stringify(rig.project)} }] }
keep: ${keep}
`),
    slotsDir: tempDir(),
  };
  const dir = tempDir();
  const { slotsDir } = config;
  const logFile = join(dir, "daemon.log");
  const { log, rotate } = openLog({ level: "info", file: logFile });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const faults: unknown[] = [];
  const janitor = new Janitor({
    ...rig,
    config,
    signal: stop.signal,
    settingsDir: dir,
    slots: slotLinks({ config, store: rig.store, fleet: { slots: () => new Set(["in-fleet"]) } }),
    logFile,
    rotateLog: rotate,
    sessions: () => ["w-1"],
    onFault: (_what, thrown) => void faults.push(thrown),
  });
  const make = (folder: string, name: string): void => {
    mkdirSync(rig.path(folder), { recursive: true });
    writeFileSync(rig.path(folder, name), "0123456789");
    // An old time of the content alone says nothing: it was moved here now.
    utimesSync(rig.path(folder, name), 1, 1);
  };
  return { ...rig, janitor, slotsDir, dir, logFile, log, faults, make };
}

test("what is old or too much goes and is told with its paths; what is in use, or not ours, stays", async () => {
  const rig = janitorRig("{ taskDays: 2, events: 1000 }");
  for (const [folder, name] of [
    ["done", "a.md"],
    ["failed", "b.md"],
    ["rejected", "c.md"],
    ["rejected", "c.md.why"],
    ["done", "notes.txt"],
    ["inbox", "lost.md.dispatched"],
  ] as const)
    rig.make(folder, name);
  mkdirSync(rig.path("rejected", "folder.md"));
  symlinkSync(rig.dir, rig.path("rejected", "link.md"));
  rig.put("held.md", "Do it.");
  rig.put("over.md", "Do it too.");
  await rig.scan();
  const [over, held] = rig.tasks();
  if (over === undefined || held === undefined) throw new Error("no tasks");
  for (const task of [over, held]) rig.queue.assign(task, `w-${task.id}`, {});
  rig.keep();
  rig.queue.delivered(over, { promptId: "p", sessionId: "s", at: rig.clock.now() });
  rig.queue.done(over, "Done.");
  rig.keep();
  writeFileSync(join(rig.dir, "w-1.json"), "{}");
  writeFileSync(join(rig.dir, "gone.json"), "{}");
  for (let each = 0; each < 1_200; each++) rig.store.emit("x", null);

  expect(await rig.janitor.clean({ dryRun: true })).toMatchObject([{ kind: "events" }]);
  rig.clock.advance(3 * DAY);
  const due = await rig.janitor.clean({ dryRun: true });
  expect(rig.folder("done")).toEqual(["a.md", "notes.txt", "over.md"]);
  expect(rig.events("janitor.removed")).toEqual([]);
  const removed = await rig.janitor.clean({ dryRun: false });
  const plain = (list: typeof removed) =>
    list.map(({ kind, paths, count }) => [kind, paths.toSorted(), kind === "events" ? 0 : count]);
  expect(plain(removed)).toEqual(plain(due));
  expect(plain(removed)).toEqual([
    [
      "taskFiles",
      [
        "done/a.md",
        "done/over.md",
        "failed/b.md",
        "rejected/c.md",
        "rejected/c.md.why",
        "rejected/link.md",
      ],
      6,
    ],
    ["dispatchedFiles", ["inbox/lost.md.dispatched"], 1],
    ["settingsFiles", ["gone.json"], 1],
    ["tasks", [], 1],
    ["events", [], 0],
  ]);
  expect(rig.folder("done")).toEqual(["notes.txt"]);
  expect(rig.folder("failed")).toEqual(["lost.md"]);
  expect(rig.folder("rejected")).toEqual(["folder.md"]);
  expect(rig.folder("inbox")).toEqual(["held.md.dispatched"]);
  expect(readdirSync(rig.dir).toSorted()).toEqual(["daemon.log", "w-1.json"]);
  expect(rig.tasks().map(({ name }) => name)).toEqual(["held"]);
  expect(rig.events("janitor.removed")).toHaveLength(removed.length);
  expect(rig.faults).toEqual([]);
});

test("who was active and which conversation was whose goes with the refusals that ask for it", async () => {
  const { store, clock, janitor } = janitorRig("{ evidenceDays: 2 }");
  const now = clock.now();
  for (const [account, days] of [
    ["c", 12],
    ["a", 9],
    ["b", 3],
    ["a", 1],
  ] as const)
    store.periods.of("own").begin(account, now - days * DAY);
  store.periods.begin("a", now - 9 * DAY);
  store.sessions.put({ ...SESSION_ROW, sessionId: "in-use" });
  for (const [sessionId, days] of [
    ["old", 9],
    ["in-use", 9],
    ["young", 1],
  ] as const)
    store.sessionIds.add({
      sessionId,
      name: SESSION_ROW.name,
      fromAt: now - days * DAY,
      source: "x",
    });

  expect(await janitor.clean({ dryRun: false })).toMatchObject([
    { kind: "periods", count: 1 },
    { kind: "conversations", count: 1 },
  ]);
  // The last one of each says since when the account rests.
  expect(store.periods.of("own").list()).toMatchObject([
    { account: "c" },
    { account: "b" },
    { account: "a" },
  ]);
  expect(store.periods.active()?.account).toBe("a");
  expect(store.sessionIds.of(SESSION_ROW.name).map(({ sessionId }) => sessionId)).toEqual([
    "in-use",
    "young",
  ]);
});

test("the link of a slot goes when it is configured no more and no process was started with it", async () => {
  const { janitor, slotsDir, dir } = janitorRig();
  const link = (name: string): string => {
    symlinkSync(dir, join(slotsDir, name));
    return join(slotsDir, name);
  };
  for (const name of ["in-fleet", "gone", "gone.cf-flip-0123456789ab"]) link(name);
  writeFileSync(join(slotsDir, "notes"), "the operator's own");
  const env = { CLAUDE_CONFIG_DIR: link("runs") };
  const client = spawn("sleep", ["60"], { env, stdio: "ignore" });
  const ended = once(client, "exit");
  onTestFinished(() => void client.kill("SIGKILL"));
  const due = async (dryRun: boolean) =>
    (await janitor.clean({ dryRun })).map(({ kind, paths }) => [kind, paths.toSorted()]);
  const gone = [["slotLinks", ["gone", "gone.cf-flip-0123456789ab"]]];
  expect([await due(true), await due(false), await due(false)]).toEqual([gone, gone, []]);
  client.kill("SIGKILL");
  await ended;
  expect(await due(false)).toEqual([["slotLinks", ["runs"]]]);
  expect(readdirSync(slotsDir).toSorted()).toEqual(["in-fleet", "notes"]);
});

test("tasks that others wait for are kept, and the newest checkpoint of a known session", () => {
  const { store, queue, project, clock } = inboxRig();
  const parsed = parseTaskFile(Buffer.from("x"));
  if (!parsed.ok) throw new Error(parsed.why);
  const spec = parsed.task;
  const add = (after: string[]) =>
    queue.add({ project, spec: { ...spec, after }, front: "", file: null });
  add([]);
  add(["1"]);
  const end = clock.now() + 1;
  const first = store.tasks.get(1);
  if (first === null) throw new Error("no task");
  store.tasks.move(1, ["queued"], "done", { endedAt: clock.now() });
  const bounds = {
    tasksBefore: end,
    checkpointsBefore: end,
    evidenceBefore: end,
    usageBefore: end,
    events: 1,
    decisions: 1,
  };
  const none = { tasks: 0, checkpoints: 0, evidence: 0, usage: 0, decisions: 0 };
  expect(store.space.forget(bounds, 10)).toMatchObject(none);
  store.taskAfter.settle(1);
  const last = store.events.lastSeq();
  expect(store.space.wouldForget(bounds).tasks).toBe(1);
  expect(store.space.forget(bounds, 10)).toMatchObject({ tasks: 1 });
  expect(store.tasks.get(1)).toBeNull();
  expect(store.tasks.get(2)?.state).toBe("queued");
  // What was forgotten is not numbered again.
  expect(store.emit("x", null).seq).toBe(last + 1);
});

test("a database gives free pages back", () => {
  const { store } = inboxRig();
  for (let each = 0; each < 3_000; each++) store.emit("x", { text: "y".repeat(400) });
  const wal = (): number => store.space.bytes();
  const full = wal();
  const before = { tasksBefore: 0, checkpointsBefore: 0, evidenceBefore: 0, usageBefore: 0 };
  store.space.forget({ ...before, events: 10, decisions: 10 }, 10);
  store.space.shrink();
  expect(wal()).toBeLessThan(full / 2);
  store.close();
  expect(statSync(store.path).size).toBeLessThan(full / 2);
});

test("the log is begun anew above half its bound, and only one older file stays", async () => {
  const rig = janitorRig("{ logMb: 1 }");
  const fill = (): void => rig.log.info("x".repeat(600_000));
  rig.log.info("little");
  expect(await rig.janitor.clean({ dryRun: false })).toEqual([]);
  fill();
  expect(await rig.janitor.clean({ dryRun: false })).toEqual([]);
  expect(existsSync(`${rig.logFile}.1`)).toBe(true);
  fill();
  const full = statSync(rig.logFile).size;
  expect(await rig.janitor.clean({ dryRun: true })).toMatchObject([{ kind: "log", count: 1 }]);
  expect(statSync(rig.logFile).size).toBe(full);
  expect(await rig.janitor.clean({ dryRun: false })).toMatchObject([{ kind: "log", count: 1 }]);
  expect(statSync(rig.logFile).size + statSync(`${rig.logFile}.1`).size).toBeLessThan(1_000_000);
});
