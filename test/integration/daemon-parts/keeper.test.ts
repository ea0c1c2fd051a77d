import { expect, it } from "vitest";
import { Keeper, type KeeperDeps } from "../../../src/daemon/keeper.ts";
import { SESSION_OPTION, type PaneRow } from "../../../src/tmux/formats.ts";
import { fleetRig, SESSION_ID } from "../../support/fleet-rig.ts";

it("a session that was ended while its panes were listed is not taken for one that runs", async () => {
  const rig = fleetRig();
  const listed = Promise.withResolvers<PaneRow[]>();
  const session = { name: "ccl-1", kind: "dedicated", cwd: "/p", args: [], sessionId: SESSION_ID };
  const faults: unknown[] = [];
  const keeper = new Keeper({
    ...rig,
    slot: rig.dir,
    config: { sessions: { afterExit: "restart" } },
    tmux: { connected: true },
    panes: { listPanes: async () => listed.promise },
    wanted: () => [{ ...session, strategy: "hot" }],
    strategyOf: () => "hot",
    random: () => 0,
    signal: new AbortController().signal,
    onFault: (_: string, thrown: unknown) => void faults.push(thrown),
  } as unknown as KeeperDeps);
  rig.fleet.restarting.add("ccl-1");
  const look = keeper.look();
  rig.store.sessionCare.change("ccl-1", { endedAt: rig.clock.now() });
  rig.fleet.change("ccl-1", { paneId: null });
  rig.fleet.setState("ccl-1", "dead");
  rig.fleet.restarting.delete("ccl-1");
  const pane = { paneId: "%ccl-1", panePid: 100, sessionName: "ccl-1", dead: false };
  listed.resolve([{ ...pane, options: { [SESSION_OPTION]: "ccl-1" } } as unknown as PaneRow]);
  await look;
  expect(faults).toEqual([]);
  expect(rig.fleet.get("ccl-1")).toMatchObject({ paneId: null, live: { state: "dead" } });
});
