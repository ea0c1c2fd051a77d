import { readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("a switchover by hand is committed, and the sessions keep running", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  await api.prompt("before");
  await api.becomes("idle");
  const pid = await api.pid();
  const { status, stdout, stderr } = await rig.call(["switchover", "compte2"]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toBe("Switchover 1 from compte1 to compte2 is committed.\n");
  expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[1]?.home);
  await api.prompt("after");
  await api.becomes("idle");
  expect(rig.api.requests.map(({ account, promptText }) => [account, promptText])).toEqual([
    ["compte1", "before"],
    ["compte2", "after"],
  ]);
  expect(await api.pid()).toBe(pid);
  expect((await rig.status()).lastSwitchover).toMatchObject({ id: 1, outcome: "committed" });
});
