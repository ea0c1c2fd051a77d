import { renameSync, symlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HistoryJson, StatusJson } from "../../../src/api/contract.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";
import { expectSameKeys } from "../../support/json-keys.ts";
import { snapshot } from "../../support/snapshot.ts";
import { HISTORY, STATUS } from "../../unit/docs/json-examples.ts";

let rig: DaemonRig;

describe("before any daemon ran", () => {
  beforeAll(async () => {
    rig = await daemonRig();
  });

  afterAll(async () => rig[Symbol.asyncDispose]());

  test.each(["switchover", "pause", "resume", "recover", "events"])(
    "%s says that no daemon listens, and how to start one",
    async (verb) => {
      expect(await rig.call([verb])).toMatchObject({
        status: 1,
        stdout: "",
        stderr: `Error: No daemon listens on ${rig.places.socket}.\nTry: Start it with claude-failover run.\n`,
      });
    },
  );

  test("status tells what the disk shows, where there is not even a slot", async () => {
    const { status, stdout } = await rig.call(["status"]);
    expect([status, stdout.split("\n")[0]]).toEqual([
      0,
      "no daemon runs; this is what the disk shows, active account: none",
    ]);
    const told = await statusJson();
    expectSameKeys(told, STATUS);
    expect(told).toMatchObject({ activeAccount: null, sessions: [], lastSwitchover: null });
    expect(told.accounts.map(({ name, state }) => [name, state])).toEqual([
      ["compte1", "standby"],
      ["compte2", "standby"],
    ]);
  });

  test("history has nothing to tell", async () => {
    expect(await rig.call(["history"])).toMatchObject({
      status: 3,
      stdout: "No switchover is recorded.\n",
      stderr: "",
    });
    expect(JSON.parse((await rig.call(["history", "--json"])).stdout)).toEqual({
      schema: 1,
      entries: [],
    });
  });

  test("nothing of that leaves a trace", async () => {
    const before = await snapshot(rig.box.root);
    await rig.call(["status", "--json"]);
    await rig.call(["history"]);
    expect(await snapshot(rig.box.root)).toEqual(before);
  });
});

describe("after a daemon was killed", () => {
  beforeAll(async () => {
    rig = await daemonRig({ sessions: ["api"] });
    const daemon = await rig.startDaemon();
    const api = fleetHand(rig, "api");
    await api.becomes("idle");
    rig.api.setBehaviour("compte1", hour());
    await api.prompt("some work");
    await api.promptsAre(["some work", "continue"]);
    await api.becomes("idle");
    daemon.kill("SIGKILL");
    await daemon.closed;
  });

  afterAll(async () => rig[Symbol.asyncDispose]());

  test("status tells the rest as it was left, with every key of the contract", async () => {
    const told = await statusJson();
    expectSameKeys(told, STATUS);
    expect(told.daemon).toMatchObject({ running: false, pid: null, startedAt: null });
    expect(told.activeAccount).toBe("compte2");
    expect(told.accounts[0]?.state).toBe("exhausted");
    expect(told.sessions).toMatchObject([{ name: "api", account: "compte2" }]);
    expect(told.lastSwitchover).toMatchObject({ id: 1, outcome: "committed" });
    const { status, stdout } = await rig.call(["status"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^no daemon runs; .*active account: compte2\n/);
    expect(stdout).toMatch(/^last: failover 1 from compte1 to compte2, committed/m);
  });

  test("history tells each switchover, one of them whole, and nothing of one that never was", async () => {
    const all = JSON.parse((await rig.call(["history", "--json"])).stdout) as HistoryJson;
    expectSameKeys(all, HISTORY);
    expect(all.entries).toMatchObject([{ id: 1, cause: "failover" }]);
    const one = await rig.call(["history", "1"]);
    expect(one.stdout).toMatch(/trigger: session api, usageLimit/);
    expect(one.stdout).toMatch(/session api: continued after \d+ ms, proof /);
    expect(JSON.parse((await rig.call(["history", "1", "--json"])).stdout)).toEqual(all);
    expect(await rig.call(["history", "99"])).toMatchObject({ status: 3, stderr: "" });
  });

  test("the active account is the one the link leads to, whatever the store says", async () => {
    symlinkSync(rig.box.accounts[0]?.home ?? "", `${rig.box.slot}.moved`);
    renameSync(`${rig.box.slot}.moved`, rig.box.slot);
    expect((await statusJson()).activeAccount).toBe("compte1");
  });

  test("the socket that it left is no daemon", async () => {
    expect(await rig.call(["pause"])).toMatchObject({
      status: 1,
      stderr: `Error: No daemon listens on ${rig.places.socket}.\nTry: Start it with claude-failover run.\n`,
    });
  });

  test("reading changes nothing", async () => {
    const before = await snapshot(rig.box.root);
    await rig.call(["status", "--json"]);
    await rig.call(["history"]);
    expect(await snapshot(rig.box.root)).toEqual(before);
  });
});

async function statusJson(): Promise<StatusJson> {
  const { status, stdout, stderr } = await rig.call(["status", "--json"]);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as StatusJson;
}
