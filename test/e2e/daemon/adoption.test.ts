import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { until } from "../../support/agent-session.ts";
import { hour } from "../../support/daemon-limit.ts";
import { daemonRig, type DaemonRig } from "../../support/daemon-rig.ts";
import { fleetHand } from "../../support/daemon-session.ts";

test.concurrent.each([
  ["before the daemon came", false],
  ["in a shell that the daemon found", true],
])(
  "a client that the operator started %s, under a configured name, is adopted, never restarted, and moved",
  async (_, isLater) => {
    await using rig = await daemonRig();
    await prepare(rig);
    const api = fleetHand(rig, "api");
    await rig.tmux("new-session", "-d", "-s", "api", "-c", rig.box.projectDir, "sh");
    const shell = await api.pid();
    rig.configure({ sessions: { dedicated: [{ name: "api", cwd: rig.box.projectDir }] } });
    if (isLater) await rig.startDaemon();
    await api.keys(rig.command, "Enter");
    await api.shows(/^❯/m);
    if (!isLater) await rig.startDaemon();
    await api.prompt("a note");
    rig.api.setBehaviour("compte1", hour());
    await api.prompt("some work");
    await api.promptsAre(["a note", "some work", "continue"]);
    expect(readlinkSync(rig.box.slot)).toBe(rig.box.accounts[1]?.home);
    await api.becomes("idle");
    expect([await api.pid(), await api.transcripts()]).toEqual([shell, 1]);
    const [adopted] = (await rig.status()).sessions;
    expect(adopted).toMatchObject({ kind: "adopted", claudeVersion: "2.1.328" });
    expect(await programOf(adopted?.pid ?? 0)).toBe("claude");
  },
);

test("a client is known whose file lies in a home that its link has left, and nobody shares", async () => {
  await using rig = await daemonRig({ accounts: 3, config: { shared: { root: "~" } } });
  await prepare(rig);
  const api = fleetHand(rig, "api");
  const [first, second] = rig.box.accounts.map(({ home }) => home);
  await rig.tmux("new-session", "-d", "-s", "api", "-c", rig.box.projectDir, "sh");
  await api.keys(rig.command, "Enter");
  await api.shows(/^❯/m);
  const files = readdirSync(join(first ?? "", "sessions"));
  symlinkSync(second ?? "", `${rig.box.slot}.new`);
  renameSync(`${rig.box.slot}.new`, rig.box.slot);
  rig.configure({ sessions: { dedicated: [{ name: "api", cwd: rig.box.projectDir }] } });
  await rig.startDaemon();
  expect(files).toContain(`${(await rig.status()).sessions[0]?.pid ?? 0}.json`);
  rig.api.setBehaviour("compte2", hour());
  await api.prompt("some work");
  await api.promptsAre(["some work", "continue"]);
});

test("sessions of the operator on the same tmux server are never touched", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  // Without exec it stays a child of the shell, and tmux tells the one first and the other later.
  await rig.tmux("new-session", "-d", "-s", "api-theirs", "exec cat");
  const pid = Number(await rig.tmux("display-message", "-p", "-t", "=api-theirs:", "#{pane_pid}"));
  await until("their program runs", async () => (await programOf(pid)) === "cat");
  await rig.tmux("send-keys", "-t", "api-theirs", "-l", "half a word");
  await until("it shows what was typed", async () =>
    (await rig.tmux("capture-pane", "-p", "-t", "=api-theirs:")).includes("half a word"),
  );
  const before = await theirs(rig);
  const daemon = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  await api.promptsAre(["some work", "continue"]);
  daemon.kill("SIGTERM");
  await daemon.ended();
  expect(await theirs(rig)).toEqual(before);
  expect((await rig.tmuxSessions()).toSorted()).toEqual(["api", "api-theirs"]);
});

test("a client that ended while no daemon ran is started again in its pane, with its conversation", async () => {
  await using rig = await daemonRig({ sessions: ["api"] });
  const first = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  await api.prompt("a note");
  await api.promptsAre(["a note"]);
  await api.becomes("idle");
  const [before] = (await rig.status()).sessions;
  const pid = await api.pid();
  first.kill("SIGTERM");
  await first.ended();
  process.kill(pid, "SIGKILL");
  await rig.startDaemon();
  await api.becomes("idle");
  const [after] = (await rig.status()).sessions;
  expect(after?.sessionId).toBe(before?.sessionId);
  expect(after?.pid).not.toBe(before?.pid);
  await api.prompt("another");
  await api.promptsAre(["a note", "another"]);
  expect(await rig.tmuxSessions()).toEqual(["api"]);
});

test.each([
  ["by its hook", []],
  ["by its transcript alone", ["spool"]],
])("a limit that was reached while no daemon ran is found at the start %s", async (_, lost) => {
  await using rig = await daemonRig({ sessions: ["api"] });
  const first = await rig.startDaemon();
  const api = fleetHand(rig, "api");
  await api.becomes("idle");
  first.kill("SIGKILL");
  await first.closed;
  rig.api.setBehaviour("compte1", hour());
  await api.prompt("some work");
  await api.shows(/hit your .*limit/);
  await until("the row", () => transcripts(rig).includes("hit your"));
  for (const folder of lost)
    for (const name of readdirSync(join(rig.places.stateDir, folder)))
      rmSync(join(rig.places.stateDir, folder, name));
  await rig.startDaemon();
  await api.promptsAre(["some work", "continue"]);
  expect((await rig.history()).map(({ cause, to, outcome }) => [cause, to, outcome])).toEqual([
    ["failover", "compte2", "committed"],
  ]);
});

/** What all transcripts say. */
function transcripts(rig: DaemonRig): string {
  const folder = join(rig.box.home, ".claude-projects-shared");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
}

/** Shared folders and slot as a daemon makes them. */
async function prepare(rig: DaemonRig): Promise<void> {
  const daemon = await rig.startDaemon();
  daemon.kill("SIGTERM");
  await daemon.ended();
}

async function programOf(pid: number): Promise<string> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "comm=", "-p", String(pid)]);
  return stdout.trim();
}

async function theirs(rig: DaemonRig): Promise<unknown> {
  const format =
    "#{pane_pid} #{pane_dead} #{window_width}x#{window_height} #{pane_current_command}";
  return [
    await rig.tmux("display-message", "-p", "-t", "=api-theirs:", format),
    await rig.tmux("capture-pane", "-p", "-t", "=api-theirs:"),
    await rig.tmux("show-options", "-t", "=api-theirs:"),
    await rig.tmux("show-options", "-p", "-t", "=api-theirs:"),
    await rig.tmux("show-options", "-g"),
    await rig.tmux("show-options", "-gw"),
    await rig.tmux("show-options", "-s"),
  ];
}
