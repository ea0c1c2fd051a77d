import { describe, expect, it } from "vitest";
import type { HookSignal } from "../../../src/claude/hooks.ts";
import { Keeper, type KeeperDeps } from "../../../src/daemon/keeper.ts";
import { Relauncher } from "../../../src/daemon/relauncher.ts";
import { MOST_FAILURES } from "../../../src/policy/breaker.ts";
import { SESSION_OPTION, type PaneRow } from "../../../src/tmux/formats.ts";
import type { Panes } from "../../../src/tmux/panes.ts";
import { configFrom } from "../../support/config-text.ts";
import { fleetRig, SESSION_ID } from "../../support/fleet-rig.ts";
import { evidenceOf, HOUR, NOW } from "../../support/policy-samples.ts";

const WHY = "several clients run in its pane: processes 1, 2";

/** `ccl-1` whose client ended; what is started anew ends up in `started`. */
function scene() {
  const rig = fleetRig();
  const { dir, store } = rig;
  const config = configFrom(`
accounts: [{ name: one, home: ${dir}/one }, { name: two, home: ${dir}/two }]
slot: ${dir}/slot
sessions: { dedicated: [{ name: ccl-1, cwd: ${dir} }] }
`);
  const started: string[] = [];
  const handle = async (): Promise<{ paneId: string; panePid: number }> => {
    started.push("ccl-1");
    return Promise.reject(new Error("enough is known"));
  };
  const pane = { paneId: "%ccl-1", panePid: 1, sessionName: "ccl-1", dead: true };
  const row = { ...pane, options: { [SESSION_OPTION]: "ccl-1" } } as unknown as PaneRow;
  const panes = {
    listPanes: async () => Promise.resolve([row]),
    newSession: handle,
    respawn: handle,
  } as unknown as Panes;
  const start = {
    panes,
    command: "/bin/false",
    env: () => ({}),
    slotPath: () => `${dir}/slot`,
    settingsDir: dir,
    spoolDir: dir,
    projectsDir: `${dir}/projects`,
    knownId: () => SESSION_ID,
    permissionMode: () => null,
  };
  const { signal } = new AbortController();
  const common = { ...rig, config, panes, signal, sessionFiles: () => [], random: () => 0 };
  return { ...rig, store, config, start, started, common };
}

describe("a session in doubt", () => {
  it.each([
    [WHY, []],
    [null, ["ccl-1"]],
  ])("is not started again by the keeper (%s)", async (doubt, expected) => {
    const { config, fleet, start, started, common } = scene();
    fleet.setState("ccl-1", "dead");
    fleet.setDoubt("ccl-1", doubt);
    const [dedicated] = config.sessions.dedicated;
    const wanted = { ...dedicated, name: "ccl-1", kind: "dedicated" as const };
    const deps = {
      ...start,
      ...common,
      wanted: () => [wanted],
      tmux: { connected: true },
      strategyOf: () => "hot",
      onFault: () => undefined,
    } as unknown as KeeperDeps;
    await new Keeper(deps).look();
    expect(started).toEqual(expected);
  });

  it.each([
    [WHY, []],
    [null, ["ccl-1"]],
  ])("is not relaunched (%s)", async (doubt, expected) => {
    const { dir, fleet, store, clock, start, started, common } = scene();
    fleet.change("ccl-1", { strategy: "relaunch", cwd: dir });
    clock.advance(HOUR);
    store.periods.begin("two", NOW + 1);
    fleet.setDoubt("ccl-1", doubt);
    const told = await new Relauncher({ ...common, start }).move("ccl-1").catch(() => null);
    expect(started).toEqual(expected);
    if (doubt !== null) expect(told).toMatchObject({ kind: "notMoved", why: "it was left alone" });
  });
});

it("an account that refused several clients in a row is given no more of them for a while", async () => {
  const { fleet, store, clock, start, started, common } = scene();
  const relauncher = new Relauncher({ ...common, start });
  fleet.change("ccl-1", { strategy: "relaunch" });
  clock.advance(HOUR);
  store.periods.begin("two", NOW + 1);
  for (const account of ["one", "two", "two", "two"])
    relauncher.refused(
      evidenceOf({ account, observedAt: clock.now(), refusal: { class: "auth" } }),
    );
  expect(await relauncher.move("ccl-1")).toMatchObject({
    kind: "notMoved",
    why: "two refused several clients in a row",
  });
  expect(started).toEqual([]);
  const stops = store.events.since(0, 100).filter(({ type }) => type === "relaunch.stopped");
  expect(stops).toHaveLength(1);
});

it("an account whose client came up after that is trusted like any other", async () => {
  const { fleet, store, clock, start, common } = scene();
  const rule = "─".repeat(40);
  const panes = {
    ...common.panes,
    capture: async () => Promise.resolve([rule, "❯ ", rule]),
    respawn: async () => {
      const up = { kind: "sessionStarted", sessionId: SESSION_ID, source: "startup" };
      setImmediate(() => relauncher.heard("ccl-1", up as HookSignal));
      return Promise.resolve({ paneId: "%ccl-1", panePid: 7 });
    },
  } as unknown as Panes;
  const relauncher = new Relauncher({ ...common, panes, start: { ...start, panes } });
  fleet.change("ccl-1", { strategy: "relaunch", cwd: common.dir });
  clock.advance(HOUR);
  store.periods.begin("two", NOW + 1);
  const refuse = (): void =>
    relauncher.refused(
      evidenceOf({ account: "two", observedAt: clock.now(), refusal: { class: "auth" } }),
    );
  for (let times = 0; times < MOST_FAILURES; times++) refuse();
  clock.advance(HOUR);
  expect(await relauncher.move("ccl-1")).toMatchObject({ kind: "moved", pid: 7 });
  refuse();
  const stops = store.events.since(0, 100).filter(({ type }) => type === "relaunch.stopped");
  expect(stops).toHaveLength(1);
});
