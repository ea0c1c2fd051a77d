import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { writeStandInCommand } from "../../../src/drill/stand-in-command.ts";
import { startCall, type Ended } from "../../support/daemon-process.ts";
import { makeTree } from "../../support/private-homes.ts";
import { snapshot } from "../../support/snapshot.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A user with one private `~/.claude` in use and a second home, and the programs that are needed. */
async function newcomer() {
  const root = tempDir();
  const home = join(root, "home");
  makeTree(home, {
    ".claude/.credentials.json": "made up",
    ".claude/projects/-p/one.jsonl": "1\n",
    ".claude/settings.json": "{}\n",
    ".claude-work/.credentials.json": "made up",
    ".claude-work/projects/-p/two.jsonl": "2\n",
  });
  const bin = join(root, "bin");
  await writeStandInCommand(bin);
  mkdirSync(join(root, "run"), { mode: 0o700 });
  const env = {
    HOME: home,
    PATH: [bin, process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    LANG: "C.UTF-8",
    XDG_CONFIG_HOME: join(root, "config"),
    XDG_STATE_HOME: join(root, "state"),
    XDG_RUNTIME_DIR: join(root, "run"),
    NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
  };
  const call = async (...args: string[]): Promise<Ended> =>
    startCall({ args, env, cwd: "/" }).ended();
  return { home, env, call };
}

test("a newcomer is set up and has a plain ~/.claude again afterwards, with every conversation", async () => {
  const { home, env, call } = await newcomer();
  const before = await snapshot(home);

  const asked = await call("init");
  expect(asked).toMatchObject({ status: 2, stdout: "" });
  expect(asked.stderr).toContain("init --dry-run shows what it proposes");
  const dry = await call("init", "--dry-run", "--add", "third");
  expect(dry).toMatchObject({ status: 0, stderr: "" });
  expect(dry.stdout).toContain("no legal advice");
  expect(await snapshot(home)).toEqual(before);

  const done = await call("init", "--yes", "--add", "third", "--session", home, "--json");
  expect(done).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(done.stdout)).toMatchObject({ schema: 1, dryRun: false, problems: [] });
  const config = loadConfig({ path: undefined, env, home });
  expect(config.accounts.map(({ name }) => name)).toEqual(["main", "work", "third"]);
  expect(config.policy.mode).toBe("confirm");
  expect(readlinkSync(config.slot)).toBe(join(home, ".claude-main"));
  const shared = join(home, ".claude", "projects", "-p");
  expect(readFileSync(join(shared, "two.jsonl"), "utf8")).toBe("2\n");
  expect(await call("init", "--yes")).toMatchObject({ status: 3 });

  writeFileSync(join(shared, "new.jsonl"), "3\n");
  expect(await call("uninstall")).toMatchObject({ status: 0, stderr: "" });
  expect(lstatSync(join(home, ".claude")).isDirectory()).toBe(true);
  expect(lstatSync(join(home, ".claude", "projects")).isDirectory()).toBe(true);
  for (const [name, text] of [
    ["one", "1\n"],
    ["two", "2\n"],
    ["new", "3\n"],
  ] as const)
    for (const folder of [".claude", ".claude-work"])
      expect(readFileSync(join(home, folder, "projects", "-p", `${name}.jsonl`), "utf8")).toBe(
        text,
      );
  expect(await call("uninstall")).toMatchObject({ status: 3 });
});

/** Set up, with the second account active, and a plain `~/.claude` again, which is that account's. */
async function uninstalledWithTheSecond(...uninstall: readonly string[]) {
  const user = await newcomer();
  const { home, call } = user;
  expect(await call("init", "--yes")).toMatchObject({ status: 0 });
  writeFileSync(join(home, ".claude-work", "whose"), "second");
  unlinkSync(join(home, ".claude"));
  symlinkSync(join(home, ".claude-work"), join(home, ".claude"));
  expect(await call("uninstall", ...uninstall)).toMatchObject({ status: 0, stderr: "" });
  expect(lstatSync(join(home, ".claude")).isDirectory()).toBe(true);
  return user;
}

function expectShared(home: string, folders: readonly string[]): void {
  for (const folder of folders) {
    const projects = join(home, folder, "projects");
    expect(readlinkSync(projects)).toBe(join(home, ".claude-projects-shared"));
    expect(readFileSync(join(projects, "-p", "one.jsonl"), "utf8")).toBe("1\n");
    expect(readFileSync(join(projects, "-p", "two.jsonl"), "utf8")).toBe("2\n");
  }
}

test.each([
  { uninstall: [], homes: [".claude-main", ".claude-work"], active: ".claude-work" },
  { uninstall: ["--purge"], homes: [".claude-main-2", ".claude-main"], active: ".claude-main-2" },
])(
  "an uninstall $uninstall while a later account is active is followed by an init",
  async ({ uninstall, homes, active }) => {
    const { home, env, call } = await uninstalledWithTheSecond(...uninstall);
    expect(await call("init", "--yes")).toMatchObject({ status: 0, stderr: "" });
    const config = loadConfig({ path: undefined, env, home });
    expect(config.accounts.map((account) => account.home)).toEqual(
      homes.map((name) => join(home, name)),
    );
    expect(readlinkSync(config.slot)).toBe(join(home, active));
    expect(readFileSync(join(config.slot, "whose"), "utf8")).toBe("second");
    expectShared(home, homes);
  },
);

test("a plain ~/.claude of nobody knows which account is left alone, and its hint helps", async () => {
  const { home, env, call } = await uninstalledWithTheSecond();
  rmSync(join(env.XDG_STATE_HOME, "claude-failover"), { recursive: true });
  const before = await snapshot(home);
  const refused = await call("init", "--yes");
  expect(refused).toMatchObject({ status: 4 });
  expect(refused.stdout).toContain("Move it to the home of its account");
  expect(await snapshot(home)).toEqual(before);

  renameSync(join(home, ".claude"), join(home, ".claude-work"));
  expect(await call("init", "--yes")).toMatchObject({ status: 0, stderr: "" });
  expectShared(home, [".claude-main", ".claude-work"]);
});

test("nothing is set up where a program is missing, and it says which", async () => {
  const { home, env } = await newcomer();
  const before = await snapshot(home);
  const bare = join(home, "..", "bare");
  mkdirSync(bare);
  const args = ["init", "--yes"];
  const without = startCall({ args, env: { ...env, PATH: bare }, cwd: "/" });
  const ended = await without.ended();
  expect(ended.status).toBe(4);
  expect(ended.stdout).toContain("tmux is not installed.");
  expect(ended.stdout).toContain("There is no program claude on PATH.");
  expect(await snapshot(home)).toEqual(before);
  rmSync(bare, { recursive: true });
});
