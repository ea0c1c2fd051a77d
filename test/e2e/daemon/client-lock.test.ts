import { mkdirSync, readlinkSync, rmdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";

test("a switchover waits while a client refreshes its login; a second one is told about the first", async () => {
  await using rig = await daemonRig();
  await rig.startDaemon();
  await using lock = refreshing(rig, 1);
  const first = rig.launch(["switchover", "compte2"]);
  await until("the first one", async () => (await rig.status()).lastSwitchover !== null);
  expect(await rig.call(["switchover", "compte2"])).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(
      /^Switchover 1 from compte1 to compte2 is under way since \S+\.\nTry: Wait until it has ended/,
    ),
  });
  expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[0]?.home);
  lock.release();
  expect(await first.ended()).toMatchObject({
    status: 0,
    stdout: "Switchover 1 from compte1 to compte2 is committed.\n",
  });
});

test.each(["SIGTERM", "SIGKILL"] as const)(
  "%s while it waits for a client's lock leaves the old account, nothing held and nothing open",
  async (signal) => {
    await using rig = await daemonRig();
    const daemon = await rig.startDaemon();
    await using lock = refreshing(rig, 0);
    const first = rig.launch(["switchover", "compte2"]);
    await until("the wait", async () =>
      (await rig.status()).lastSwitchover?.steps.some(({ step }) => step === "lock"),
    );
    daemon.kill(signal);
    expect((await daemon.ended()).status).toBe(signal === "SIGTERM" ? 0 : null);
    expect(await first.ended()).toMatchObject({ stdout: "", status: expect.any(Number) });
    expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[0]?.home);
    lock.release();
    await rig.startDaemon();
    expect(await rig.status()).toMatchObject({
      activeAccount: "compte1",
      held: null,
      lastSwitchover: { outcome: "rolledBack" },
    });
    expect((await rig.post("switchover", { to: "compte2" })).done).toBe(true);
  },
);

/** The lock that a client holds while it refreshes its login (client facts 7). */
function refreshing(rig: DaemonRig, index: number): AsyncDisposable & { release(): void } {
  const lock = join(rig.box.accounts[index]?.home ?? "", ".oauth_refresh.lock");
  mkdirSync(lock);
  const beat = setInterval(() => utimesSync(lock, new Date(), new Date()), 1_000);
  let isHeld = true;
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    clearInterval(beat);
    rmdirSync(lock);
  };
  return { release, [Symbol.asyncDispose]: async () => Promise.resolve(release()) };
}
