import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("the cooldown outlives the daemon, and the next switch comes when it is over", async () => {
  await using rig = await daemonRig({
    accounts: 3,
    sessions: ["api"],
    config: { policy: { cooldown: "8s", failback: { enabled: false } } },
  });
  const first = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  await api.promptsAre(["some work", "continue"]);
  await api.becomes("idle");
  first.kill("SIGKILL");
  await first.closed;
  await rig.startDaemon();
  rig.api.setBehaviour("compte2", hour());
  await api.prompt("more work");
  await until("the cooldown", async () => (await rig.status()).decision?.code === "cooldown");
  expect((await rig.status()).activeAccount).toBe("compte2");
  await api.promptsAre(["some work", "continue", "more work", "continue"]);
  const [second, earlier] = await rig.history();
  expect([second?.to, earlier?.to]).toEqual(["compte3", "compte2"]);
  const apart = Date.parse(second?.startedAt ?? "") - Date.parse(earlier?.startedAt ?? "");
  expect(apart).toBeGreaterThanOrEqual(8_000);
});
