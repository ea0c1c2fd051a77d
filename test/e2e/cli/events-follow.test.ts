import { expect, test } from "vitest";
import type { EventJson } from "../../../src/api/contract.ts";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("events --follow tells a failover as it happens, and Ctrl-C ends it cleanly", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  const text = rig.launch(["events", "--follow"]);
  const json = rig.launch(["events", "-f", "--json"]);
  const both = [text, json];
  await until("what was before", () =>
    both.every((each) => each.stdout().includes("session.started")),
  );
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  await until("the failover", () =>
    both.every((each) => each.stdout().includes("switchover.committed")),
  );
  for (const each of both) each.kill("SIGINT");
  for (const each of both) expect(await each.ended()).toMatchObject({ status: 0, stderr: "" });
  const events = json
    .stdout()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as EventJson);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const types = events.map(({ type }) => type);
  expect(types.filter((type) => /^(refusal|switchover|session\.continued)/.test(type))).toEqual(
    expect.arrayContaining([
      "refusal",
      "switchover.started",
      "session.continued",
      "switchover.committed",
    ]),
  );
  expect(text.stdout().trimEnd().split("\n")).toHaveLength(events.length);
  expect(text.stdout()).toMatch(
    /^\S+Z +\d+ switchover\.started slot=shared cause=failover to=compte2$/m,
  );
});

test("events --follow says so when the daemon ends", async () => {
  await using rig = await daemonRig();
  const daemon = await rig.startDaemon();
  const follow = rig.launch(["events", "--follow"]);
  await until("what was before", () => follow.stdout().includes("daemon.started"));
  daemon.kill("SIGTERM");
  expect(await follow.ended()).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^Error: .*\nTry: Start it with claude-failover run\.\n$/),
  });
});

test("events --since tells only what came later", async () => {
  await using rig = await daemonRig();
  await rig.startDaemon();
  const all = await rig.events();
  const { stdout } = await rig.call(["events", "--since", String(all.length - 1), "--json"]);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(all.slice(-1));
});
