import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { Keeper, type KeeperDeps } from "../../../src/daemon/keeper.ts";
import { reconcileMissed } from "../../../src/daemon/reconcile.ts";
import { SESSION_OPTION, type PaneRow } from "../../../src/tmux/formats.ts";
import { NOW } from "../../support/policy-samples.ts";
import { passTime } from "../../support/pass-time.ts";
import { transcriptLine } from "../../support/transcript-line.ts";
import { fleetRig, SESSION_ID, started } from "../../support/fleet-rig.ts";

function keeperOf(
  rig: ReturnType<typeof fleetRig>,
  panes: object,
  more: Partial<KeeperDeps> = {},
): Keeper {
  const session = {
    name: "ccl-1",
    kind: "dedicated",
    cwd: rig.dir,
    args: [],
    sessionId: SESSION_ID,
  };
  return new Keeper({
    ...rig,
    command: "claude",
    settingsDir: rig.dir,
    spoolDir: rig.dir,
    env: () => ({}),
    slotPath: () => join(rig.dir, "slot"),
    permissionMode: () => null,
    sessionFiles: () => [],
    config: { sessions: { afterExit: "restart" } },
    tmux: { connected: true },
    panes,
    wanted: () => [{ ...session, strategy: "hot", slot: "shared" }],
    strategyOf: () => "hot",
    random: () => 0,
    signal: new AbortController().signal,
    onFault: (_: string, thrown: unknown) => expect.unreachable(String(thrown)),
    ...more,
  } as unknown as KeeperDeps);
}

it("a session that was ended while its panes were listed is not taken for one that runs", async () => {
  const rig = fleetRig();
  const listed = Promise.withResolvers<PaneRow[]>();
  const keeper = keeperOf(rig, { listPanes: async () => listed.promise });
  rig.fleet.restarting.add("ccl-1");
  const look = keeper.look();
  rig.store.sessionCare.change("ccl-1", { endedAt: rig.clock.now() });
  rig.fleet.change("ccl-1", { paneId: null });
  rig.fleet.setState("ccl-1", "dead");
  rig.fleet.restarting.delete("ccl-1");
  const pane = { paneId: "%ccl-1", panePid: 100, sessionName: "ccl-1", dead: false };
  listed.resolve([{ ...pane, options: { [SESSION_OPTION]: "ccl-1" } } as unknown as PaneRow]);
  await look;
  expect(rig.fleet.get("ccl-1")).toMatchObject({ paneId: null, live: { state: "dead" } });
});

it("a fleet that runs is taken in by one commit, and anew where that could not be made", async () => {
  const rig = fleetRig();
  const names = ["n-1", "n-2", "n-3"];
  const panes = names.map((name, index) => {
    const place = { paneId: `%${index + 1}`, panePid: 100, sessionName: name, dead: false };
    return { ...place, options: { [SESSION_OPTION]: name } } as unknown as PaneRow;
  });
  const wanted = names.map((name) => ({
    name,
    kind: "dedicated" as const,
    cwd: rig.dir,
    args: [],
    sessionId: null,
    strategy: "hot" as const,
    slot: "shared",
  }));
  const faults: unknown[] = [];
  const keeper = keeperOf(
    rig,
    { listPanes: async () => Promise.resolve(panes) },
    { wanted: () => wanted, onFault: (_what, thrown) => void faults.push(thrown) },
  );
  const other = new Database(rig.store.path);
  other.exec(`CREATE TRIGGER fault BEFORE INSERT ON sessions WHEN NEW.name = 'n-2'
    BEGIN SELECT RAISE(ABORT, 'no'); END`);
  await keeper.look();
  expect(faults).toHaveLength(1);
  expect(names.map((name) => rig.store.sessions.get(name))).toEqual([null, null, null]);
  other.exec("DROP TRIGGER fault");
  other.close();
  await keeper.look();
  expect(names.map((name) => rig.store.sessions.get(name)?.paneId)).toEqual(["%1", "%2", "%3"]);
  expect(names.map((name) => rig.fleet.get(name)?.paneId)).toEqual(["%1", "%2", "%3"]);
});

it("a client whose pane is gone is dead when it has ended: until then it writes", async () => {
  const rig = fleetRig();
  const client = spawn("sleep", ["60"], { stdio: "ignore" });
  const ended = once(client, "exit");
  onTestFinished(() => void client.kill("SIGKILL"));
  rig.store.sessions.update("ccl-1", { pid: client.pid ?? 0 });
  rig.fleet.setDoubt("ccl-1", "so that nothing is started here");
  let lists = 0;
  const second = Promise.withResolvers<PaneRow[]>();
  const keeper = keeperOf(rig, {
    listPanes: async () => (++lists === 1 ? [] : second.promise),
  });
  const look = keeper.look();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([lists, rig.fleet.get("ccl-1")?.live.state]).toEqual([1, "idle"]);
  client.kill("SIGKILL");
  await ended;
  second.resolve([]);
  await passTime(rig.clock, look);
  expect(rig.fleet.get("ccl-1")?.live.state).toBe("dead");
});

it("the panes of a tmux server that is gone are forgotten, also while the disk is full", async () => {
  const rig = fleetRig();
  rig.join("ccl-2");
  const faults: unknown[] = [];
  const panes = { listPanes: async () => Promise.resolve([]) };
  const keeper = keeperOf(rig, panes, {
    onFault: (_, thrown) => faults.push(thrown),
  });
  rig.fleet.setDoubt("ccl-1", "so that nothing is started here");
  const { sessions } = rig.store;
  const whole = { ...sessions };
  sessions.put = () => {
    throw new Error("full");
  };
  keeper.serverRestarted();
  expect(rig.fleet.list().map(({ paneId }) => paneId)).toEqual([null, null]);
  Object.assign(sessions, whole);
  await passTime(rig.clock, keeper.look());
  expect(faults).toEqual([new Error("full")]);
});

/** What the client writes where its request is refused by a limit. */
const LIMIT = {
  type: "assistant",
  isApiErrorMessage: true,
  error: "rate_limit",
  message: { model: "<synthetic>", content: [{ type: "text", text: "You've hit your limit" }] },
  timestamp: new Date(NOW).toISOString(),
};

it("a session that was cut off, and dead in its back-off when the daemon started, is resumed as cut off", async () => {
  const rig = fleetRig();
  const { clock, store, fleet } = rig;
  const projectsDir = join(rig.dir, "projects");
  mkdirSync(join(projectsDir, "-p"), { recursive: true });
  const transcript = join(projectsDir, "-p", `${SESSION_ID}.jsonl`);
  writeFileSync(transcript, transcriptLine("do it") + transcriptLine("", LIMIT));
  // As the daemon before this one left it: in the registry, and not in this fleet.
  const row = store.sessions.get("ccl-1");
  fleet.leave("ccl-1");
  if (row !== null) store.sessions.put({ ...row, cwd: rig.dir, state: "dead" });
  store.sessionCare.change("ccl-1", { deaths: 3, restartAt: clock.now() + 8_000 });
  const programs: (readonly string[])[] = [];
  const newSession = async ({ argv }: { argv: readonly string[] }) => {
    programs.push(argv);
    return Promise.resolve({ paneId: "%9", panePid: 900 });
  };
  const missed = new Set<string>();
  const panes = { listPanes: async () => Promise.resolve([]), newSession };
  const keeper = keeperOf(rig, panes, { projectsDir, missed });
  await passTime(clock, keeper.look());
  expect([programs, fleet.list()]).toEqual([[], []]);
  clock.advance(8_000);
  await passTime(clock, keeper.look());
  expect(programs).toEqual([expect.arrayContaining(["--resume", SESSION_ID])]);
  reconcileMissed(missed, { ...rig, projectsDir });
  expect(rig.cutOffs).toMatchObject([{ session: "ccl-1", evidence: { account: "one" } }]);
  rig.hook("ccl-1", clock.now() - NOW, started(SESSION_ID, "resume"));
  expect(fleet.get("ccl-1")).toMatchObject({ live: { state: "idle" }, cutOff: { account: "one" } });
});
