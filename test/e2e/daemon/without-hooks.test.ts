import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

const LIMIT = "You’ve hit your weekly limit · resets Nov 24, 11:30am (UTC)";

test("a limit that only the screen of a session without hooks shows is told, and moves nothing", async () => {
  await using rig = await daemonRig();
  const show = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(rig.box.projectDir, name), `${lines.join("\n")}\n`);
  show("quote", ["● It says so:", "", `  ${LIMIT}`]);
  show("limit", ["❯ go on", `  ⎿  ${LIMIT}`]);
  await rig.tmux("new-session", "-d", "-s", "api", "-c", rig.box.projectDir, "sh");
  const api = fleetHand(rig, "api");
  await api.keys("clear; cat quote", "Enter");
  rig.configure({ sessions: { dedicated: [{ name: "api", cwd: rig.box.projectDir }] } });
  await rig.startDaemon();
  const code = async (): Promise<string | undefined> => (await rig.status()).decision?.code;
  await until("the first decision", async () => (await code()) === "healthy");
  await api.keys("clear; cat limit", "Enter");
  await until("the suspicion", async () => (await code()) === "notConfirmed");
  const why = (await rig.call(["why", "api"])).stdout.replaceAll(/\s+/g, " ");
  expect(why).toContain("usageLimit of the weekly window");
  expect(why).toContain("only suspected");
  const told = (await rig.events()).filter(({ type }) => type === "session.suspected");
  // Also never the quotation that was there before.
  expect(told.map(({ data }) => data)).toEqual([{ session: "api", text: LIMIT }]);
  await api.keys("clear", "Enter");
  await until("its end", async () => (await code()) === "healthy");
  expect(await rig.history()).toEqual([]);
});
