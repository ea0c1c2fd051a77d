import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseHook } from "../../../src/claude/hooks.ts";
import { systemClock } from "../../../src/clock.ts";
import { Checkpoints, nudgeAfterResume } from "../../../src/daemon/checkpoints.ts";
import { GitShell } from "../../../src/daemon/git-shell.ts";
import { GitStates, parseGitStatus } from "../../../src/daemon/git-state.ts";
import type { NewCheckpoint } from "../../../src/store/checkpoints.ts";
import { until } from "../../support/agent-session.ts";
import { fleetRig, fleetSession, SESSION_ID } from "../../support/fleet-rig.ts";
import { NOW } from "../../support/policy-samples.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { transcriptLine } from "../../support/transcript-line.ts";

function checkpointRig() {
  const rig = fleetRig();
  const home = join(rig.dir, "home");
  const repo = join(home, "repo");
  mkdirSync(repo, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", repo, "-c", "user.name=n", "-c", "user.email=e", ...args], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: home },
    }).trim();
  git("init", "-q", "-b", "trunk");
  git("commit", "-q", "--allow-empty", "-m", "first");
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const faults: unknown[] = [];
  let settled = Promise.resolve();
  const switching = Promise.withResolvers<undefined>();
  const screen = ["", "working on it", `token=${"s3cret".repeat(5)}`, "", "❯ "];
  const checkpoints = new Checkpoints({
    ...rig,
    panes: { capture: async () => Promise.resolve(screen) },
    env: process.env,
    home,
    settled: async () => settled,
    signal: stop.signal,
    onFault: (_what, thrown) => void faults.push(thrown),
  });
  const hook = (name: string, fields: object): void => {
    const base = { session_id: SESSION_ID, cwd: repo, transcript_path: "/t" };
    const signal = parseHook({ ...base, ...fields }, NOW);
    if (signal === null) throw new Error("no hook of the client's");
    checkpoints.heard(name, signal);
  };
  const taken = async (name: string, count: number) => {
    await until("the checkpoint", () => rig.store.checkpoints.list(name, 100).length >= count);
    return rig.store.checkpoints.list(name, 100);
  };
  const switchOver = (): (() => void) => {
    settled = switching.promise;
    return () => switching.resolve(undefined);
  };
  return { ...rig, home, repo, git, faults, hook, taken, switchOver };
}

test("a turn's end keeps folder, git, tool, screen and background work, without secrets", async () => {
  const rig = checkpointRig();
  const transcriptPath = join(rig.dir, "t.jsonl");
  const command = `deploy ${join(rig.home, "x")} --api-key=${"k3y".repeat(10)}`;
  const content = [{ type: "tool_use", id: "t1", name: "Bash", input: { command } }];
  const message = { role: "assistant", model: "m", stop_reason: "tool_use", content };
  writeFileSync(transcriptPath, transcriptLine("", { type: "assistant", message }));
  const { live } = fleetSession("ccl-1");
  rig.join("ccl-1", { live: { ...live, state: "working", transcriptPath } });
  writeFileSync(join(rig.repo, "new"), "x");
  const work = [{ id: "b1", description: "dev server" }];
  rig.hook("ccl-1", { hook_event_name: "Stop", background_tasks: work });
  const [ended] = await rig.taken("ccl-1", 1);
  expect(ended).toMatchObject({
    cause: "turnEnd",
    sessionId: SESSION_ID,
    cwd: rig.repo,
    git: { head: rig.git("rev-parse", "HEAD"), branch: "trunk", dirty: true },
    tool: { name: "Bash", input: "deploy ~/x --api-key=[secret]", isOpen: false },
    screen: ["working on it", "token=[secret]", "❯"],
    background: ["dev server"],
  });

  // Before a flip only those in the middle of something; the tool without a result is open then.
  rig.join("idle-1");
  rig.store.emit("switchover.started", { cause: "switchover", to: "two" });
  const [flip] = await rig.taken("ccl-1", 2);
  expect(flip).toMatchObject({ cause: "flip", tool: { isOpen: true } });
  expect(rig.store.checkpoints.latest("idle-1")).toBeNull();
  const session = rig.fleet.get("ccl-1") ?? fleetSession("ccl-1");
  expect(nudgeAfterResume(session, rig.store, "continue")).toMatch(/^continue — .*Bash \(deploy ~/);
  const later = { promptId: null, text: "x", at: rig.clock.now() + 1 };
  const anew = { ...session, live: { ...session.live, lastPrompt: later } };
  expect(nudgeAfterResume(anew, rig.store, "continue")).toBe("continue");
  expect(rig.faults).toEqual([]);
});

test("git waits for a switchover, but not where a client is relaunched in it", async () => {
  const rig = checkpointRig();
  const { live } = fleetSession("ccl-1");
  rig.join("ccl-1", { live: { ...live, state: "working" } });
  rig.join("ccl-2", { live: { ...live, state: "working" }, strategy: "relaunch" });
  const end = rig.switchOver();
  rig.store.emit("switchover.started", { cause: "switchover", to: "two" });
  expect(await rig.taken("ccl-2", 1)).toMatchObject([{ cause: "flip" }]);
  expect(rig.store.checkpoints.latest("ccl-1")).toBeNull();
  end();
  expect(await rig.taken("ccl-1", 1)).toMatchObject([{ cause: "flip" }]);
  expect(rig.faults).toEqual([]);
});

function gitRig(env: NodeJS.ProcessEnv = process.env) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  return new GitStates({ env, clock: systemClock, signal: stop.signal });
}

test("git is asked without waiting for its lock, and a folder without a repository has none", async () => {
  const rig = checkpointRig();
  const git = gitRig();
  writeFileSync(join(rig.repo, ".git", "index.lock"), "");
  rig.git("config", "core.fsmonitor", join(rig.dir, "never-started"));
  expect(await git.of(rig.repo)).toMatchObject({ branch: "trunk", dirty: false });
  expect(await git.of(tempDir())).toBeNull();
  expect(await git.of(join(rig.dir, "gone"))).toBeNull();
  expect(await gitRig({ PATH: "/nowhere", HOME: rig.home }).of(rig.repo)).toBeNull();
  expect(parseGitStatus("# branch.oid (initial)\n# branch.head (detached)\n")).toEqual({
    head: null,
    branch: null,
    dirty: false,
  });
});

test("git is started by one shell, once for all who ask for a folder before it is", async () => {
  const rig = checkpointRig();
  const log = join(rig.dir, "started");
  const bin = join(rig.dir, "bin");
  mkdirSync(bin);
  const script = `#!/bin/sh\necho "$PPID" >>'${log}'\nPATH='${process.env["PATH"]}' exec git "$@"\n`;
  writeFileSync(join(bin, "git"), script, { mode: 0o755 });
  const odd = join(rig.repo, "it's\n$(a) `folder`");
  mkdirSync(odd);
  writeFileSync(join(odd, "new"), "x");
  const git = gitRig({ PATH: `${bin}:${process.env["PATH"]}`, HOME: rig.home });
  const states = await Promise.all([rig.repo, odd, odd, rig.repo].map(async (cwd) => git.of(cwd)));
  expect(states.map((state) => state?.dirty)).toEqual([true, true, true, true]);
  const shells = readFileSync(log, "utf8").trim().split("\n");
  expect(shells).toHaveLength(2);
  expect(new Set(shells).size).toBe(1);
  expect(shells[0]).not.toBe(String(process.pid));
});

test("what a shell is late with is ended with all it started, and the next is run all the same", async () => {
  const file = join(tempDir(), "pid");
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const shell = new GitShell({ env: process.env, clock: systemClock, signal: stop.signal });
  const slow = `sleep 600 & echo $! >${file}; wait`;
  expect(await shell.run(slow, 300)).toEqual({ kind: "late" });
  const much = await shell.run("seq 1 200000", 10_000);
  expect(much).toMatchObject({ kind: "answer", text: expect.stringMatching(/^1\n2\n/) });
  expect(much.kind === "answer" && much.text.length < 300_000).toBe(true);
  expect(await shell.run("echo one", 10_000)).toEqual({ kind: "answer", text: "one\n" });
  expect(await shell.run("exit 3", 10_000)).toEqual({ kind: "none" });
  expect(await shell.run("(exit 3)", 10_000)).toEqual({ kind: "none" });
  const pid = existsSync(file) ? readFileSync(file, "utf8").trim() : "none";
  await until("its end", () => !existsSync(`/proc/${pid}`));
});

test("the newest 20 of a session are kept", () => {
  const { store } = fleetRig();
  const at = (session: string, when: number): NewCheckpoint => ({
    session,
    at: when,
    cause: "turnEnd",
    sessionId: null,
    task: null,
    cwd: "/p",
    git: null,
    tool: null,
    screen: [],
    background: [],
  });
  for (let each = 1; each <= 25; each++) store.checkpoints.add(at("a", each));
  store.checkpoints.add(at("gone", 1));
  expect(store.checkpoints.list("a", 100).map((row) => row.at)).toEqual(
    Array.from({ length: 20 }, (_, index) => 25 - index),
  );
  expect(store.checkpoints.list(null, 100).map(({ session }) => session)).toEqual(["gone", "a"]);
});
