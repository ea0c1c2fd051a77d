import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { endSession } from "../../../src/daemon/stop-sessions.ts";
import { SESSION_OPTION, type PaneRow } from "../../../src/tmux/formats.ts";
import type { Panes } from "../../../src/tmux/panes.ts";
import {
  fleetRig,
  fleetSession,
  prompted,
  SESSION_ID,
  turnEnded,
} from "../../support/fleet-rig.ts";
import { NOW } from "../../support/policy-samples.ts";

it("a client is ended only when the rows of the turn that just ended are written", async () => {
  const rig = fleetRig();
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const pane = { paneId: "%ccl-1", panePid: child.pid ?? 0, sessionName: "ccl-1", dead: false };
  const row = { ...pane, options: { [SESSION_OPTION]: "ccl-1" } } as unknown as PaneRow;
  const panes = {
    listPanes: async () => Promise.resolve([row]),
    killPane: async () => Promise.resolve(),
  } as unknown as Panes;
  const projectsDir = join(rig.dir, "projects");
  mkdirSync(join(projectsDir, "-p"), { recursive: true });
  const write = (type: string, fields: object): void => {
    const base = { uuid: type, sessionId: SESSION_ID, timestamp: new Date(NOW).toISOString() };
    const line = JSON.stringify({ ...base, type, ...fields });
    appendFileSync(join(projectsDir, "-p", `${SESSION_ID}.jsonl`), `${line}\n`);
  };
  rig.hook("ccl-1", 0, prompted("p-1"));
  rig.hook("ccl-1", 10, turnEnded);
  write("user", { promptId: "p-1", message: { role: "user", content: "do it" } });

  const deps = { ...rig, panes, projectsDir, sessionFiles: () => [] };
  const ended = endSession(fleetSession("ccl-1"), { stayEnded: true }, deps);
  await expect.poll(() => rig.clock.sleepers).toBe(1);
  expect([child.exitCode, child.signalCode, child.killed]).toEqual([null, null, false]);
  rig.clock.advance(100);
  await expect.poll(() => rig.clock.sleepers).toBe(1);
  expect(child.signalCode).toBeNull();

  const message = { model: "claude-opus-5-5", stop_reason: "end_turn", content: [] };
  write("assistant", { message });
  await expect
    .poll(() => {
      rig.clock.advance(20);
      return child.signalCode;
    })
    .toBe("SIGTERM");
  rig.clock.advance(1_000);
  expect(await ended).toMatchObject({ outcome: "ended" });
});
