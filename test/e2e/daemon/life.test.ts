import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("a second daemon is refused and names the folder the first one holds", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  const first = await rig.startDaemon();
  const { status, stdout, stderr } = await rig.call(["run"]);
  expect({ status, stdout, stderr: stderr.split("\n") }).toEqual({
    status: 1,
    stdout: "",
    stderr: [
      `Error: A daemon runs on ${rig.places.stateDir} already.`,
      "Try: Use claude-failover status; stop that daemon first if you want another one.",
      "",
    ],
  });
  expect((await rig.status()).daemon).toMatchObject({ running: true, pid: first.pid });
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s ends the daemon, and every session goes on without it",
  async (signal) => {
    await using rig = await daemonRig({ sessions: ["api", "web"] });
    const daemon = await rig.startDaemon();
    const hands = ["api", "web"].map((name) => fleetHand(rig, name));
    for (const hand of hands) await hand.becomes("idle");
    const pids = await Promise.all(hands.map(async (hand) => hand.pid()));
    daemon.kill(signal);
    expect(await daemon.ended()).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(rig.places.socket)).toBe(false);
    for (const hand of hands) await hand.prompt(`after ${signal}`);
    expect(await Promise.all(hands.map(async (hand) => hand.pid()))).toEqual(pids);
  },
);

test("a daemon takes the place of a killed one, its socket included, and adopts what runs", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  const first = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  const pid = await api.pid();
  const id = (await rig.status()).sessions[0]?.sessionId;
  first.kill("SIGKILL");
  await first.closed;
  expect(existsSync(rig.places.socket)).toBe(true);
  const second = await rig.startDaemon();
  const status = await rig.status();
  expect(status.daemon.pid).toBe(second.pid);
  expect(status.sessions).toMatchObject([{ name: "api", pid, sessionId: id, kind: "dedicated" }]);
  expect(await api.pid()).toBe(pid);
});
