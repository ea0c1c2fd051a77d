import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("paused, a limit leads to no switch and nothing is typed, also by the next daemon; resumed, it happens", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  const first = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  expect(await rig.call(["pause"])).toMatchObject({
    status: 0,
    stdout: "Paused: observing only, until resume.\n",
  });
  expect(await rig.call(["pause"])).toMatchObject({ status: 3, stderr: "Paused already.\n" });
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  await api.becomes("limited");
  await until("the refusal", async () => (await rig.status()).accounts[0]?.state === "exhausted");
  expect((await rig.status()).decision?.code).toBe("paused");
  first.kill("SIGKILL");
  await first.closed;
  await rig.startDaemon();
  await api.becomes("limited");
  expect(await rig.status()).toMatchObject({
    daemon: { paused: true },
    activeAccount: "compte1",
    lastSwitchover: null,
    decision: { code: "paused" },
  });
  expect(await rig.call(["switchover", "compte2"])).toMatchObject({
    status: 4,
    stdout: "",
    stderr: "claude-failover is paused.\nTry: claude-failover resume ends the pause.\n",
  });
  expect(rig.api.requests.map(({ promptText }) => promptText)).toEqual(["some work"]);
  expect(await rig.call(["resume"])).toMatchObject({ status: 0, stdout: "Resumed.\n" });
  await api.promptsAre(["some work", "continue"]);
  expect(rig.api.requests.map(({ account }) => account)).toEqual(["compte1", "compte2"]);
  expect(await rig.call(["resume"])).toMatchObject({ status: 3, stderr: "Not paused.\n" });
});
