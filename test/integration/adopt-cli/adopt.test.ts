import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { places } from "../../../src/config/places.ts";
import { takeInstanceLock } from "../../../src/store/instance-lock.ts";
import { startCall } from "../../support/daemon-process.ts";
import { JOINED, makeCrashHomes, makeTree, ONE, TWO } from "../../support/private-homes.ts";
import { snapshot } from "../../support/snapshot.ts";
import { tempDir } from "../../support/temp-dir.ts";

const STRACE = "strace";

const CONFIG = {
  accounts: [
    { name: "one", home: "~/.claude-one" },
    { name: "two", home: "~/.claude-two" },
  ],
};

/** Two private homes and a configuration outside of what is compared. */
function makeHome(make: (root: string) => void = (root) => makeTree(root, { ...ONE, ...TWO })) {
  const root = tempDir();
  const home = join(root, "home");
  mkdirSync(home, { mode: 0o700 });
  make(home);
  const config = join(root, "config.yaml");
  writeFileSync(config, JSON.stringify(CONFIG));
  const env = {
    HOME: home,
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    LANG: "C.UTF-8",
    CLAUDE_FAILOVER_CONFIG: config,
    XDG_STATE_HOME: join(root, "state"),
    NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
  };
  const start = (args: readonly string[], wrapper: readonly string[] = []) =>
    startCall({ args: ["adopt", ...args], env, cwd: "/", wrapper });
  return {
    home,
    places: places({ env, home, uid: process.getuid?.() ?? 0 }),
    start,
    run: async (...args: string[]) => start(args).ended(),
  };
}

/** Somebody who works in a folder until the test ends. */
async function workIn(folder: string): Promise<number> {
  const child = spawn("sleep", ["60"], { cwd: folder, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return child.pid ?? 0;
}

describe("adopt --dry-run", () => {
  test("tells counts and bytes and changes nothing", async () => {
    const { home, run } = makeHome();
    const before = await snapshot(home);
    const { status, stdout } = await run("--dry-run");
    expect(status).toBe(0);
    expect(stdout).toContain(`${home}/.claude-one/projects -> ${home}/.claude-projects-shared`);
    expect(stdout).toContain("files: 7, directories: 3, 26 bytes, by hard links");
    expect(stdout).toContain("differs: projects/-p/differs.jsonl");
    expect(stdout).toContain("Nothing was changed. To do it: claude-failover adopt\n");
    expect(await snapshot(home)).toEqual(before);
  });

  test("gives the same as JSON", async () => {
    const { home, run } = makeHome();
    const { status, stdout } = await run("--dry-run", "--json", "two");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      action: "plan",
      ready: true,
      root: home,
      slotMove: null,
      open: [],
      pairs: [
        { pair: { home: `${home}/.claude-two`, link: "file-history" }, files: 2, place: 2 },
        { pair: { label: "two", link: "projects" }, directories: 3, way: "link" },
      ],
      problems: [],
    });
  });

  test("names the process that uses a home, and would refuse", async () => {
    const { home, run } = makeHome();
    const pid = await workIn(join(home, ".claude-two/projects"));
    const { status, stdout } = await run("--dry-run");
    expect(status).toBe(4);
    expect(stdout).toContain(`In the way: process ${pid} (sleep) works in ${home}/.claude-two`);
    expect(stdout).not.toContain("To do it");
  });

  test("shows how the client's own directory becomes the first account's home", async () => {
    const { home, run } = makeHome(makeCrashHomes);
    const { status, stdout } = await run("--dry-run");
    expect(status).toBe(0);
    expect(stdout).toContain(`${home}/.claude becomes ${home}/.claude-one`);
  });
});

describe("adopt", () => {
  test("joins every home that is there, the slot too, and says where the originals are", async () => {
    const { home, run } = makeHome(makeCrashHomes);
    const { status, stdout, stderr } = await run();
    expect(stderr).not.toContain("Error");
    expect(status).toBe(0);
    expect(readlinkSync(join(home, ".claude"))).toBe(join(home, ".claude-one"));
    expect(await snapshot(join(home, ".claude-projects-shared"))).toEqual(await expected(JOINED));
    expect(stdout).toContain("Kept beside one that differs:");
    expect(stdout).toMatch(/The originals are in .*\.claude-two\/\.claude-adopt-\d+T\d+Z\n/);
    expect(stdout).toContain("adopt --undo puts them back");
  });

  test("is taken back whole by --undo, and done once more", async () => {
    const { home, run } = makeHome(makeCrashHomes);
    const before = await snapshot(home);
    expect((await run("--json")).status).toBe(0);
    const undone = await run("--undo", "--json");
    expect(JSON.parse(undone.stdout)).toMatchObject({ action: "undo", done: true, kept: 0 });
    expect(await snapshot(home)).toEqual(before);
    expect((await run("--undo")).status).toBe(3);
    expect((await run()).status).toBe(0);
  });

  test("deletes the originals with --commit, and then has nothing to undo", async () => {
    const { home, run } = makeHome();
    await run();
    const shared = await snapshot(join(home, ".claude-projects-shared"));
    const { status, stdout } = await run("--commit");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Committed \d+T\d+Z: \d+ originals are deleted\.\n$/);
    expect(await snapshot(join(home, ".claude-projects-shared"))).toEqual(shared);
    expect((await run("--undo")).status).toBe(3);
    expect((await run("--dry-run")).status).toBe(3);
  });

  test("refuses while a process uses a home, and touches nothing", async () => {
    const { home, run } = makeHome();
    const before = await snapshot(home);
    const pid = await workIn(join(home, ".claude-one"));
    const { status, stdout } = await run("--json");
    expect(status).toBe(4);
    const text = expect.stringContaining(`process ${pid} (sleep)`) as string;
    expect(JSON.parse(stdout)).toMatchObject({
      action: "adopt",
      done: false,
      exit: 4,
      problems: [{ code: "inUse", text }],
    });
    expect(await snapshot(home)).toEqual(before);
  });

  test.each([["adopt"], ["undo"]])("refuses to %s while a daemon answers", async (action) => {
    const { home, places: own, run } = makeHome();
    const before = await snapshot(home);
    mkdirSync(dirname(own.socket), { recursive: true, mode: 0o700 });
    const server = createServer((_, response) => void response.end("{}")).listen(own.socket);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { status, stderr } = await run(...(action === "undo" ? ["--undo"] : []));
    expect(status).toBe(4);
    expect(stderr).toContain(`A daemon runs on ${own.stateDir}.`);
    expect(await snapshot(home)).toEqual(before);
  });

  test("refuses while somebody holds the state without answering", async () => {
    const { places: own, run } = makeHome();
    const lock = takeInstanceLock(own.lockFile);
    onTestFinished(() => lock?.[Symbol.dispose]());
    for (const args of [[], ["--undo"], ["--commit"]]) {
      const { status, stderr } = await run(...args);
      expect([status, stderr]).toEqual([4, expect.stringContaining("or another adopt, runs on")]);
    }
  });

  test("leaves a folder alone that is no account's home", async () => {
    const { home, run } = makeHome();
    mkdirSync(join(home, "src/projects"), { recursive: true });
    const before = await snapshot(home);
    const { status, stderr } = await run(join(home, "src"));
    expect(status).toBe(2);
    expect(stderr).toContain("neither the home of a configured account nor the slot");
    expect(await snapshot(home)).toEqual(before);
  });

  test.each([
    [["--commit", "--undo"], "--commit does not go with --undo"],
    [["--undo", "one"], "--undo takes no home"],
  ])("does not understand %j", async (args, text) => {
    const { status, stderr } = await makeHome().run(...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(text)]);
  });
});

describe.skipIf(spawnSync(STRACE, ["-V"]).status !== 0)("seen by the kernel (needs strace)", () => {
  test("opens no login", async () => {
    const { start } = makeHome(makeCrashHomes);
    const trace = join(tempDir(), "trace");
    const wrapper = [STRACE, "-f", "-qq", "-e", "trace=file", "-o", trace];
    expect((await start([], wrapper).ended()).status).toBe(0);
    const lines = readFileSync(trace, "utf8").split("\n");
    expect(lines.filter((line) => line.includes(".claude-projects-shared")).length).toBeGreaterThan(
      0,
    );
    expect(lines.filter((line) => line.includes(".credentials.json"))).toEqual([]);
  });
});

describe("Ctrl-C", () => {
  /** Enough to be in the middle of it. */
  function makeMany(root: string): void {
    makeTree(root, { ...ONE, ...TWO });
    for (let folder = 0; folder < 6; folder += 1) {
      const path = join(root, `.claude-two/projects/-d${folder}`);
      mkdirSync(path, { mode: 0o700 });
      for (let file = 0; file < 500; file += 1) writeFileSync(join(path, `${file}.jsonl`), "1\n");
    }
  }

  test("leaves an adoption that is gone on with, and says so", async () => {
    const { home, run, start } = makeHome(makeMany);
    const running = start([]);
    await vi.waitUntil(() => running.stderr().includes("joining:"), {
      timeout: 15_000,
      interval: 2,
    });
    running.kill("SIGINT");
    const { status, stderr } = await running.ended();
    expect(stderr).toContain("Try: claude-failover adopt goes on where it stopped");
    expect(status).toBe(1);
    const plan = JSON.parse((await run("--dry-run", "--json")).stdout) as object;
    expect(plan).toMatchObject({ ready: true, open: [{ phase: "joining" }] });
    expect((await run()).status).toBe(0);
    const joined = readFileSync(join(home, ".claude-projects-shared/-d5/499.jsonl"), "utf8");
    expect(joined).toBe("1\n");
  });

  test("leaves an undo that is gone on with, and says so", async () => {
    const { home, run, start } = makeHome(makeMany);
    expect((await run()).status).toBe(0);
    const running = start(["--undo"]);
    await vi.waitUntil(() => running.stderr().includes("undoing:"), {
      timeout: 15_000,
      interval: 2,
    });
    running.kill("SIGINT");
    const { status, stderr } = await running.ended();
    expect(stderr).toContain("Try: claude-failover adopt --undo goes on where it stopped.");
    expect(status).toBe(1);
    expect((await run("--commit")).status).toBe(4);
    expect((await run("--undo")).status).toBe(0);
    expect(readdirSync(join(home, ".claude-two/projects/-d5"))).toHaveLength(500);
    expect(existsSync(join(home, ".claude-projects-shared"))).toBe(false);
  });
});

/** What the snapshot of a tree made by `makeTree` is. */
async function expected(tree: Record<string, string>): Promise<Record<string, string>> {
  const root = tempDir();
  makeTree(root, tree);
  return await snapshot(root);
}
