import { mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("a limit moves every slot off its account and continues who met it, and by hand one session moves", async () => {
  await using rig = await daemonRig({ accounts: 3 });
  const cwd = join(rig.box.home, "never-opened");
  mkdirSync(cwd);
  const dedicated = [
    { name: "api", cwd, slot: "own" },
    { name: "web", cwd: rig.box.projectDir },
  ];
  rig.configure({ sessions: { dedicated } });
  await rig.startDaemon();
  const [api, web] = [fleetHand(rig, "api"), fleetHand(rig, "web")];
  await Promise.all([api.becomes("idle"), web.becomes("idle")]);
  expect(await whereTheyAre(rig)).toEqual({ shared: "compte1", api: "compte1" });

  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  await api.promptsAre(["some work", "continue"]);
  await until("both have moved", async () => (await rig.history()).length === 2);
  expect(await whereTheyAre(rig)).toEqual({ shared: "compte2", api: "compte2" });
  expect(await web.prompts()).toEqual([]);
  const [ofShared, ofApi] = await rig.history();
  expect([ofShared?.slot, ofApi?.slot]).toEqual(["shared", "api"]);
  for (const each of [ofShared, ofApi])
    expect(each).toMatchObject({ from: "compte1", trigger: { session: "api" } });

  await web.prompt("other work");
  await web.promptsAre(["other work"]);
  await Promise.all([api.becomes("idle"), web.becomes("idle")]);

  const byHand = await rig.call(["switchover", "--session", "api", "--to", "compte3"]);
  expect(byHand).toMatchObject({ status: 0, stderr: "" });
  expect(await whereTheyAre(rig)).toEqual({ shared: "compte2", api: "compte3" });
  await api.prompt("more work");
  await api.promptsAre(["some work", "continue", "more work"]);
  expect(rig.api.requests.at(-1)?.account).toBe("compte3");
  expect([await api.transcripts(), await web.prompts()]).toEqual([1, ["other work"]]);
  expect(await rig.call(["switchover", "--session", "web"])).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(
      /^Session web uses the shared slot\.\nTry: .*slot: own/,
    ) as string,
  });
  const state = readFileSync(join(rig.box.accounts[2]?.home ?? "", ".claude.json"), "utf8");
  expect(JSON.parse(state)).toMatchObject({
    oauthAccount: { emailAddress: "compte3@example.test" },
    projects: { [cwd]: { hasTrustDialogAccepted: true } },
  });
});

/** The account that each slot leads to, by the link and by the daemon's word, which must agree. */
async function whereTheyAre(rig: DaemonRig): Promise<Record<string, string | undefined>> {
  const { slots } = await rig.status();
  return Object.fromEntries(
    slots.map(({ name, path, account }) => {
      const linked = rig.box.accounts.find(({ home }) => home === readlinkSync(path))?.name;
      expect(account).toBe(linked);
      return [name, linked];
    }),
  );
}
