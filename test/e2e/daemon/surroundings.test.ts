import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownDisk } from "../../support/daemon-disk.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig } from "../../support/daemon-rig.ts";
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

test("when the tmux server ends, the daemon tells its sessions dead, lives on, and the next one brings them back", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  const first = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  await api.prompt("a note");
  await api.promptsAre(["a note"]);
  await rig.tmux("kill-server");
  await api.becomes("dead");
  first.kill("SIGTERM");
  expect(await first.ended()).toMatchObject({ status: 0 });
  await rig.startDaemon();
  await api.becomes("idle");
  await api.prompt("another");
  await api.promptsAre(["a note", "another"]);
});

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
