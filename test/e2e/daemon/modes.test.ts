import { readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test.each([
  ["notify", "limitReachedNotify", "switchover", null],
  ["confirm", "limitReachedAsk", "confirm", { from: "compte1", to: "compte2" }],
])(
  "with mode %s a limit is told and nothing moves; the operator's word continues what was cut off",
  async (mode, decision, word, proposal) => {
    await using rig = await daemonRig({
      sessions: ["api", "web"],
      config: { policy: { mode, failback: { enabled: false } } },
    });
    await rig.startDaemon();
    const [api, web] = [fleetHand(rig, "api"), fleetHand(rig, "web")];
    await api.becomes("idle");
    await web.becomes("idle");
    rig.api.setBehaviour("compte1", hour());
    await api.prompt("some work");
    await until(decision, async () => (await rig.status()).decision?.code === decision);
    await api.becomes("limited");
    expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[0]?.home);
    await api.promptsAre(["some work"]);
    if (proposal === null) expect((await rig.status()).proposal).toBeNull();
    else expect((await rig.status()).proposal).toMatchObject(proposal);
    const { status, stdout } = await rig.call([word]);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/ is committed\.\n {2}api: continued after \d+ ms\n$/),
    ]);
    await api.promptsAre(["some work", "continue"]);
    expect((await rig.status()).proposal).toBeNull();
    expect(await rig.call(["confirm"])).toMatchObject({ status: 3 });
    await web.promptsAre([]);
    await api.becomes("idle");
  },
);

test("a limit menu that opened meanwhile is closed, and the session goes on", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  await rig.post("pause");
  const resetsAt = Math.floor(Date.now() / 1000) + 4 * 86_400;
  rig.api.setBehaviour("compte1", { kind: "limit", type: "seven_day", resetsAt });
  await api.prompt("some work");
  await api.shows(/What do you want to do\?/);
  await rig.post("resume");
  await api.promptsAre(["some work", "continue"]);
  expect((await rig.history())[0]).toMatchObject({
    outcome: "committed",
    sessions: [{ name: "api", outcome: "continued" }],
  });
});
