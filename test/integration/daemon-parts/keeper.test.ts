import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { Keeper, type KeeperDeps } from "../../../src/daemon/keeper.ts";
import { SESSION_OPTION, type PaneRow } from "../../../src/tmux/formats.ts";
import { passTime } from "../../support/pass-time.ts";
import { fleetRig, SESSION_ID } from "../../support/fleet-rig.ts";

function keeperOf(rig: ReturnType<typeof fleetRig>, panes: () => Promise<PaneRow[]>): Keeper {
  const session = { name: "ccl-1", kind: "dedicated", cwd: "/p", args: [], sessionId: SESSION_ID };
  return new Keeper({
    ...rig,
    slot: rig.dir,
    config: { sessions: { afterExit: "restart" } },
    tmux: { connected: true },
    panes: { listPanes: panes },
    wanted: () => [{ ...session, strategy: "hot" }],
    strategyOf: () => "hot",
    random: () => 0,
    signal: new AbortController().signal,
    onFault: (_: string, thrown: unknown) => expect.unreachable(String(thrown)),
  } as unknown as KeeperDeps);
}

it("a session that was ended while its panes were listed is not taken for one that runs", async () => {
  const rig = fleetRig();
  const listed = Promise.withResolvers<PaneRow[]>();
  const keeper = keeperOf(rig, async () => listed.promise);
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

it("a client whose pane is gone is dead when it has ended: until then it writes", async () => {
  const rig = fleetRig();
  const client = spawn("sleep", ["60"], { stdio: "ignore" });
  const ended = once(client, "exit");
  onTestFinished(() => void client.kill("SIGKILL"));
  rig.store.sessions.update("ccl-1", { pid: client.pid ?? 0 });
  rig.fleet.setDoubt("ccl-1", "so that nothing is started here");
  let lists = 0;
  const second = Promise.withResolvers<PaneRow[]>();
  const keeper = keeperOf(rig, async () => (++lists === 1 ? [] : second.promise));
  const look = keeper.look();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([lists, rig.fleet.get("ccl-1")?.live.state]).toEqual([1, "idle"]);
  client.kill("SIGKILL");
  await ended;
  second.resolve([]);
  await passTime(rig.clock, look);
  expect(rig.fleet.get("ccl-1")?.live.state).toBe("dead");
});
