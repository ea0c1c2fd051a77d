import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readLiveSessions } from "../../../src/claude/session-files.ts";
import { Hookless, type HooklessDeps } from "../../../src/daemon/hookless.ts";
import { Keeper, type KeeperDeps } from "../../../src/daemon/keeper.ts";
import { SESSION_OPTION } from "../../../src/tmux/formats.ts";
import {
  answerRow,
  fleetRig,
  fleetSession,
  promptRow,
  SESSION_ID,
  type FleetRig,
} from "../../support/fleet-rig.ts";

/** A worker of the pool that the pool no longer needs leaves; later one of its name is begun. */
function comesAgain({ fleet, join: takeIn }: FleetRig, state: "idle" | "starting"): void {
  fleet.leave("ccl-1");
  takeIn("ccl-1", { live: { ...fleetSession("ccl-1").live, state } });
}

function told({ store }: FleetRig, type: string): number {
  return store.events.since(0, 100).filter((event) => event.type === type).length;
}

it("what one worker's requests told is not taken for those of the next of its name", () => {
  const rig = fleetRig();
  rig.intake.rows("ccl-1", [promptRow(0, "p-1"), answerRow(100)]);
  expect(rig.intake.answered("ccl-1")).toMatchObject({ sessionId: SESSION_ID });
  comesAgain(rig, "idle");
  expect(rig.intake.answered("ccl-1")).toBeNull();
});

it("that a worker could not be started is told again of the next of its name", async () => {
  const rig = fleetRig();
  const session = { name: "ccl-1", kind: "pool", cwd: "/nowhere", args: [], sessionId: null };
  const keeper = new Keeper({
    ...rig,
    sessionFiles: () => [],
    config: { sessions: { afterExit: "restart", missingFolder: "report" } },
    tmux: { connected: true },
    panes: { listPanes: async () => Promise.resolve([]) },
    wanted: () => [{ ...session, strategy: "hot", slot: "shared" }],
    strategyOf: () => "hot",
    knownId: () => null,
    random: () => 0,
    signal: new AbortController().signal,
    onFault: (_: string, thrown: unknown) => {
      throw thrown;
    },
  } as unknown as KeeperDeps);
  rig.fleet.leave("ccl-1");
  await keeper.look();
  await keeper.look();
  expect(told(rig, "session.notStarted")).toBe(1);
  rig.fleet.leave("ccl-1");
  await keeper.look();
  expect(told(rig, "session.notStarted")).toBe(2);
});

it("a worker without hooks says nothing of the next of its name", async () => {
  const rig = fleetRig();
  mkdirSync(join(rig.dir, "sessions"));
  const { pid } = process;
  const file = { pid, sessionId: SESSION_ID, status: "idle" };
  writeFileSync(join(rig.dir, "sessions", `${pid}.json`), JSON.stringify(file));
  const pane = { paneId: "%ccl-1", panePid: pid, sessionName: "ccl-1", dead: false };
  const hookless = new Hookless({
    ...rig,
    sessionFiles: () => readLiveSessions(join(rig.dir, "sessions")),
    projectsDir: rig.dir,
    panes: {
      listPanes: async () => Promise.resolve([{ ...pane, options: { [SESSION_OPTION]: "ccl-1" } }]),
    },
    tmux: { subscribe: async () => Promise.resolve(), unsubscribe: async () => Promise.resolve() },
    signal: new AbortController().signal,
    onNews: () => undefined,
  } as unknown as HooklessDeps);
  for (const times of [1, 2]) {
    comesAgain(rig, "starting");
    rig.clock.advance(8_000);
    await hookless.look();
    await hookless.look();
    expect(told(rig, "session.withoutHooks")).toBe(times);
  }
});
