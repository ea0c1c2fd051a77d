import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

/** What can happen to the next account's home while nobody looks. */
const harms: Record<string, (rig: DaemonRig, home: string) => void> = {
  "a shared link of which leads elsewhere": (rig, home) => {
    rmSync(join(home, "projects"));
    symlinkSync(rig.box.projectDir, join(home, "projects"));
  },
  "which is logged out": (_, home) => rmSync(join(home, ".credentials.json")),
  "which is gone": (_, home) => rmSync(home, { recursive: true }),
};

test.each(Object.entries(harms))(
  "at a limit, an account %s is passed over for the next one",
  async (_, harm) => {
    await using rig = await daemonRig({ accounts: 3, sessions: ["api"] });
    await rig.startDaemon();
    const api = fleetHand(rig, "api");
    await api.becomes("idle");
    harm(rig, rig.box.accounts[1]?.home ?? "");
    rig.api.setBehaviour("compte1", hour());
    await api.prompt("some work");
    await api.promptsAre(["some work", "continue"]);
    expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[2]?.home);
    expect(rig.api.requests.map(({ account }) => account)).toEqual(["compte1", "compte3"]);
    const tries = await rig.history();
    expect(tries[0]).toMatchObject({ from: "compte1", to: "compte3", outcome: "committed" });
    expect(tries.length).toBeLessThanOrEqual(2);
  },
);

test("at a limit, with no other account fit, it stays, says why, and moves when the account is mended", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  const link = join(rig.box.accounts[1]?.home ?? "", "projects");
  rmSync(link);
  symlinkSync(rig.box.projectDir, link);
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  const told = await until("the decision", async () => {
    const status = await rig.status();
    return status.decision?.code === "noCandidate" && status;
  });
  expect(told.activeAccount).toBe("compte1");
  expect(told.accounts[1]?.limitations).toMatchObject([{ code: "linksBroken" }]);
  expect((await rig.history()).length).toBeLessThanOrEqual(1);
  rmSync(link);
  symlinkSync(join(rig.box.home, ".claude-projects-shared"), link);
  await api.promptsAre(["some work", "continue"]);
  expect((await rig.status()).activeAccount).toBe("compte2");
});
