import { chmodSync, readdirSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { asOrdinaryUser } from "../../support/daemon-disk.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("while the slot's folder cannot be written the old account stays, and the switch comes when it can", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  await rig.startDaemon({ wrapper: asOrdinaryUser() });
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  chmodSync(rig.box.home, 0o500);
  try {
    rig.api.setBehaviour("compte1", hour());
    await api.prompt("some work");
    const tried = await until("a try", async () =>
      (await rig.history()).find(({ outcome }) => outcome !== null),
    );
    expect(tried).toMatchObject({ from: "compte1", to: "compte2", outcome: "rolledBack" });
    const told = (await rig.events()).find(({ type }) => type === "switchover.refused");
    expect(JSON.stringify(told?.data)).toMatch(/EACCES/);
    expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[0]?.home);
    expect(await rig.status()).toMatchObject({ activeAccount: "compte1", held: null });
  } finally {
    chmodSync(rig.box.home, 0o700);
  }
  await api.promptsAre(["some work", "continue"]);
  expect((await rig.status()).activeAccount).toBe("compte2");
  expect((await rig.history()).length).toBeLessThanOrEqual(4);
  expect(readdirSync(rig.box.home).filter((name) => /cf-flip|\.lock$/.test(name))).toEqual([]);
});

test("a daemon that is stopped at the moment of a refusal makes the failover when it goes on", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  const daemon = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  rig.api.setBehaviour("compte1", hour());
  rig.api.onRequest(({ behaviour }) => {
    if (behaviour === "limit") daemon.kill("SIGSTOP");
  });
  await api.prompt("some work");
  await api.shows(/hit your limit/);
  daemon.kill("SIGCONT");
  await api.promptsAre(["some work", "continue"]);
  await api.becomes("idle");
  expect(await rig.history()).toMatchObject([{ to: "compte2", outcome: "committed" }]);
});
