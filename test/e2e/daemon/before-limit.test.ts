import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { openStore } from "../../../src/store/store.ts";
import { until } from "../../support/agent-session.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

const HOUR_MS = 3_600_000;

/** A reading of the five hours of an account, as its status lines would tell it. */
function read(rig: DaemonRig, account: string, { used, hours }: { used: number; hours: number }) {
  const store = openStore(rig.places.database, systemClock);
  const readAt = Date.now();
  const resetsAt = readAt + hours * HOUR_MS;
  store.accounts.putReading({ account, window: "fiveHour", usedPercent: used, resetsAt, readAt });
  store.close();
}

test("the fleet leaves before the limit, returns after the reset, and stays where an operator puts it", async () => {
  const failback = { enabled: true, delay: "1s" };
  await using rig = await daemonRig({
    sessions: ["api", "web"],
    config: { policy: { candidate: "priority", cooldown: "0s", failback } },
  });
  await rig.startDaemon();
  const [api, web] = [fleetHand(rig, "api"), fleetHand(rig, "web")];
  const goesTo = async (account: string): Promise<void> =>
    void (await until(account, async () => (await rig.status()).activeAccount === account));
  await api.becomes("idle");
  await web.becomes("idle");

  rig.api.setBehaviour("compte1", { kind: "answer", durationMs: 3_000 });
  await web.prompt("long work");
  read(rig, "compte1", { used: 96, hours: 1 });
  await goesTo("compte2");
  await until("the commit", async () => (await rig.history())[0]?.outcome === "committed");
  await web.promptsAre(["long work"]);
  await api.promptsAre([]);
  const [left] = await rig.history();
  expect(left).toMatchObject({
    cause: "failover",
    outcome: "committed",
    trigger: null,
    sessions: [],
  });
  const thresholds = (await rig.events()).filter(({ data }) =>
    JSON.stringify(data).includes("thresholdReached"),
  );
  expect(thresholds).toHaveLength(1);

  read(rig, "compte1", { used: 1, hours: 5 });
  await goesTo("compte1");
  expect((await rig.history())[0]).toMatchObject({ cause: "failback", to: "compte1" });

  expect(await rig.call(["switchover", "compte2"])).toMatchObject({ status: 0 });
  await until("the pin", async () => (await rig.status()).decision?.code === "pinned");
  expect((await rig.call(["status"])).stdout).toContain("pinned to compte2 by hand");
  const { stdout: why } = await rig.call(["why"]);
  expect(why).toContain("An operator switched to compte2");
  expect((await rig.call(["failback"])).stdout).toContain("from compte2 to compte1 is committed");
  expect(await rig.status()).toMatchObject({ activeAccount: "compte1", pinned: null });
  expect(await rig.call(["failback"])).toMatchObject({ status: 3 });
});
