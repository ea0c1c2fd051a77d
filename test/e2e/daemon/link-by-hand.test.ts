import { readlinkSync, renameSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("a slot that was moved by hand while no daemon ran is taken at its word", async () => {
  await using rig = await daemonRig({ accounts: 3, sessions: ["api"] });
  const first = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  first.kill("SIGTERM");
  await first.ended();
  moveSlot(rig, 1);
  await rig.startDaemon();
  expect((await rig.status()).activeAccount).toBe("compte2");
  rig.api.setBehaviour("compte2", hour());
  await api.prompt("some work");
  await api.promptsAre(["some work", "continue"]);
  expect(rig.api.requests.map(({ account }) => account)).toEqual(["compte2", "compte1"]);
  expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[0]?.home);
});

test("a slot that is moved by hand under a running daemon is told, and the next limit is charged to whom it belongs", async () => {
  await using rig = await daemonRig({ accounts: 3, sessions: ["api"] });
  await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  moveSlotTo(rig, "/nowhere");
  const code = async () => (await rig.status()).decision?.code;
  await until("the word on a slot that leads nowhere", async () => (await code()) === "slotAstray");
  moveSlot(rig, 1);
  await until("the moved slot", async () => (await rig.status()).activeAccount === "compte2");
  rig.api.setBehaviour("compte2", hour());
  await api.prompt("some work");
  await api.promptsAre(["some work", "continue"]);
  expect(rig.api.requests.map(({ account }) => account)).toEqual(["compte2", "compte1"]);
  const { accounts } = await rig.status();
  expect(accounts.map(({ state }) => state)).toEqual(["active", "exhausted", "standby"]);
});

function moveSlot(rig: DaemonRig, index: number): void {
  moveSlotTo(rig, rig.box.accounts[index]?.home ?? "");
}

function moveSlotTo(rig: DaemonRig, home: string): void {
  const next = `${rig.box.slot}.next`;
  symlinkSync(home, next);
  renameSync(next, rig.box.slot);
}
