import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EventJson } from "../../../src/api/contract.ts";
import { until } from "../../support/agent-session.ts";
import { ownDisk } from "../../support/daemon-disk.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test("a session whose folder is missing is told, and the others are started", async () => {
  await using rig = await daemonRig();
  const cwd = join(rig.box.home, "gone");
  rig.configure({
    sessions: {
      dedicated: [
        { name: "lost", cwd },
        { name: "api", cwd: rig.box.projectDir },
      ],
    },
  });
  await rig.startDaemon();
  await fleetHand(rig, "api").becomes("idle");
  expect(await rig.tmuxSessions()).toEqual(["api"]);
  expect((await rig.events()).filter(({ type }) => type === "session.notStarted")).toMatchObject([
    { data: { session: "lost", text: `its folder ${cwd} does not exist` } },
  ]);
});

test("a client that ends at once is told dead with its exit status, and the daemon lives on", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  rig.configure({ claude: { command: "/bin/false" } });
  await rig.startDaemon();
  await fleetHand(rig, "api").becomes("dead");
  expect((await rig.events()).find(({ type }) => type === "session.dead")).toMatchObject({
    data: { session: "api", exit: 1, text: "its program ended" },
  });
});

test("when the tmux server ends, every session comes back by itself with its conversation", async () => {
  const names = ["api", "web", "docs"];
  await using rig = await daemonRig({ sessions: names });
  await rig.startDaemon();
  const hands = names.map((name) => fleetHand(rig, name));
  for (const hand of hands) {
    await hand.becomes("idle");
    await hand.prompt(`a note to ${hand.name}`);
    await hand.promptsAre([`a note to ${hand.name}`]);
  }
  const before = await idsOf(rig);
  await rig.tmux("kill-server");
  for (const name of names) await resumed(rig, name);
  for (const hand of hands) {
    await hand.becomes("idle");
    await hand.prompt("another");
    await hand.promptsAre([`a note to ${hand.name}`, "another"]);
    expect(await hand.transcripts()).toBe(1);
  }
  expect(await idsOf(rig)).toEqual(before);
});

test("a client that dies is resumed in its pane with the conversation and the flags it had", async () => {
  await using rig = await daemonRig();
  const args = ["--model", "opus", "--permission-mode", "acceptEdits"];
  rig.configure({ sessions: { dedicated: [{ name: "api", cwd: rig.box.projectDir, args }] } });
  await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  await api.prompt("a note");
  await api.promptsAre(["a note"]);
  process.kill(await api.pid(), "SIGKILL");
  await resumed(rig, "api");
  await api.becomes("idle");
  const line = await rig.tmux("display-message", "-p", "-t", "=api:", "#{pane_start_command}");
  expect(line).toContain(args.join(" "));
  await api.prompt("another");
  await api.promptsAre(["a note", "another"]);
});

test("a session that its operator ends stays ended, and says so, until it is released", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  await api.write("/exit");
  await api.keys("Enter");
  await told(rig, "session.ended", "api");
  expect((await rig.status()).sessions).toMatchObject([{ name: "api", state: "dead" }]);
});

test("a client that crashes again and again is left alone after some tries", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  rig.configure({ claude: { command: "/bin/false" } });
  await rig.startDaemon();
  await told(rig, "session.crashLoop", "api", 60_000);
  const events = await rig.events();
  expect(events.filter(({ type }) => type === "session.launched")).toHaveLength(5);
});

async function told(rig: DaemonRig, type: string, session: string, ms?: number): Promise<void> {
  const isIt = (event: EventJson): boolean =>
    event.type === type && (event.data as { session?: string }).session === session;
  await until(`${type} of ${session}`, async () => (await rig.events()).some(isIt), ms);
}

async function resumed(rig: DaemonRig, session: string): Promise<void> {
  await until(`the resumption of ${session}`, async () =>
    (await rig.events()).some(({ type, data }) => {
      const start = data as { session?: string; source?: string };
      return type === "session.started" && start.session === session && start.source === "resume";
    }),
  );
}

async function idsOf(rig: DaemonRig): Promise<(string | null)[]> {
  return (await rig.status()).sessions.map(({ sessionId }) => sessionId);
}

test("on a disk that fills up while it runs, a failover waits for space and is made then", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  mkdirSync(rig.places.stateDir, { recursive: true });
  const disk = ownDisk(rig.places.stateDir, 4_000_000);
  const log = join(rig.places.stateDir, "daemon.log");
  const { wrapper } = disk;
  const daemon = await rig.startDaemon({ wrapper, more: ["--log-file", log] });
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  const ballast = disk.path(daemon.pid, "ballast");
  fill(ballast);
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  await api.writes("hit your limit");
  await expect(rig.post("pause")).rejects.toThrow(/The disk of .*state\.db is full/);
  expect((await rig.status()).activeAccount).toBe("compte1");
  rmSync(ballast);
  await api.promptsAre(["some work", "continue"]);
  expect(await rig.status()).toMatchObject({ activeAccount: "compte2", held: null });
});

/** Writes until the disk takes nothing more. */
function fill(path: string): void {
  for (const bytes of [65_536, 4_096, 512, 1])
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: "a" });
    } catch (thrown) {
      expect((thrown as NodeJS.ErrnoException).code).toBe("ENOSPC");
    }
}
