import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("an unsent draft is never touched: the session is reported, and goes on once the draft is gone", async () => {
  await using rig = await daemonRig({ sessions: ["api", "web"] });
  await rig.startDaemon();
  const [api, web] = [fleetHand(rig, "api"), fleetHand(rig, "web")];
  await api.becomes("idle");
  await web.becomes("idle");
  rig.api.setBehaviour("compte1", { kind: "slow", ms: 600, next: hour() });
  await api.prompt("some work");
  await api.write("half a thought");
  await web.prompt("other work");
  await web.promptsAre(["other work", "continue"]);
  await until(
    "the report",
    async () =>
      (await rig.events()).some(
        ({ type, data }) =>
          type === "session.notContinued" && JSON.stringify(data).includes("draft stands"),
      ),
    45_000,
  );
  expect(await api.screen()).toMatch(/^❯\s+half a thought$/m);
  await api.promptsAre(["some work"]);
  await api.keys("-N", String("half a thought".length), "BSpace");
  await api.promptsAre(["some work", "continue"]);
  expect(rig.api.requests.at(-1)).toMatchObject({ account: "compte2", promptText: "continue" });
});
