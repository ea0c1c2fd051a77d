import { execFileSync } from "node:child_process";
import { chmod, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { FailoverError } from "../../../src/errors.ts";
import { tempDir } from "../../support/temp-dir.ts";

const GOOD = "accounts:\n  - { name: a, home: homes/a }\n";

function errorOf(options: Parameters<typeof loadConfig>[0]): FailoverError {
  try {
    loadConfig(options);
  } catch (error) {
    if (error instanceof FailoverError) return error;
    throw error;
  }
  throw new Error("it loaded");
}

async function withFile(content: string | Uint8Array) {
  const home = tempDir();
  const path = join(home, "config.yaml");
  await writeFile(path, content);
  return { home, path, env: {} };
}

test("reads the file under XDG_CONFIG_HOME, and relative paths count from its folder", async () => {
  const home = tempDir();
  await mkdir(join(home, "xdg", "claude-failover"), { recursive: true });
  const file = join(home, "xdg", "claude-failover", "config.yaml");
  await writeFile(file, GOOD);
  const config = loadConfig({ env: { XDG_CONFIG_HOME: join(home, "xdg") }, home });
  expect(config.file).toBe(file);
  expect(config.accounts[0]?.home).toBe(join(home, "xdg", "claude-failover", "homes", "a"));
  expect(config.slot).toBe(join(home, ".claude"));
});

test("takes a byte order mark and CRLF from other systems", async () => {
  const options = await withFile(`\uFEFF${GOOD.replaceAll("\n", "\r\n")}`);
  expect(loadConfig(options).accounts).toHaveLength(1);
});

test("lists every problem with file, line and column below one headline", async () => {
  const options = await withFile(`${GOOD}log: { level: x }\nslto: y\n`);
  const error = errorOf(options);
  expect(error.message.split("\n")).toEqual([
    "The configuration has 2 problems:",
    `${options.path}:3:15: log.level is "x"; write one of trace, debug, info, warn, error, fatal`,
    `${options.path}:4:1: unknown key "slto"; did you mean slot?`,
  ]);
  expect(error).toMatchObject({
    code: "CF_CONFIG_INVALID",
    exitStatus: 2,
    details: { file: options.path, problems: 2, line: 3 },
  });
});

test("stops listing after fifty problems, and says how many more there are", async () => {
  const lines = Array.from({ length: 60 }, (_, index) => `k${index}: 1\n`);
  const { message } = errorOf(await withFile(GOOD + lines.join("")));
  expect(message.split("\n")).toHaveLength(52);
  expect(message).toMatch(/^The configuration has 60 problems:\n/);
  expect(message).toMatch(/\n… and 10 more$/);
});

test.each([
  ["--config", { path: "c.yaml", env: {} }, " (named by --config)"],
  [
    "the variable",
    { env: { CLAUDE_FAILOVER_CONFIG: "c.yaml" } },
    " (named by $CLAUDE_FAILOVER_CONFIG)",
  ],
])("says that the file %s names is missing", async (_, named, by) => {
  const home = tempDir();
  expect(errorOf({ ...named, home, cwd: home })).toMatchObject({
    code: "CF_CONFIG_MISSING",
    message: `There is no configuration file ${join(home, "c.yaml")}${by}.`,
  });
});

test("says where a file was expected when nobody named one", async () => {
  const home = tempDir();
  const file = join(home, ".config", "claude-failover", "config.yaml");
  expect(errorOf({ env: {}, home })).toMatchObject({
    code: "CF_CONFIG_MISSING",
    message: `There is no configuration file ${file}.`,
    hint: expect.stringContaining("--config"),
  });
});

test("says that a folder is a folder, and what to name instead", async () => {
  const home = tempDir();
  expect(errorOf({ path: home, env: {}, home })).toMatchObject({
    code: "CF_CONFIG_UNREADABLE",
    message: `The configuration ${home} (named by --config) is a folder.`,
    hint: `Name the file, like ${home}/config.yaml.`,
  });
});

test("does not wait on a pipe, and refuses it", async () => {
  const home = tempDir();
  const path = join(home, "pipe");
  execFileSync("mkfifo", [path]);
  expect(errorOf({ path, env: {}, home })).toMatchObject({
    code: "CF_CONFIG_UNREADABLE",
    message: `The configuration ${path} (named by --config) is not a regular file.`,
  });
});

test("says that links run in a circle", async () => {
  const home = tempDir();
  const path = join(home, "c.yaml");
  await symlink(path, path);
  expect(errorOf({ path, env: {}, home })).toMatchObject({
    code: "CF_CONFIG_UNREADABLE",
    message: `The configuration ${path} (named by --config) cannot be read: its links run in a circle.`,
  });
});

test("says that permission is denied", async () => {
  const options = await withFile(GOOD);
  await chmod(options.path, 0);
  const error = asSomebodyElse(() => errorOf(options));
  expect(error).toMatchObject({
    code: "CF_CONFIG_UNREADABLE",
    message: `The configuration ${options.path} (named by --config) cannot be read: permission is denied.`,
    hint: "Check the file's owner and mode.",
  });
});

/** Root may read everything, so it takes another user's place for the moment. */
function asSomebodyElse<T>(act: () => T): T {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}

test.each([
  ["Latin-1", Buffer.from(`${GOOD}# caf\xe9\n`, "latin1"), 3],
  ["UTF-16", Buffer.from(`\uFEFF${GOOD}`, "utf16le"), 1],
])("names the line that is %s instead of UTF-8", async (_, bytes, line) => {
  const options = await withFile(bytes);
  expect(errorOf(options).message.split("\n")).toEqual([
    "The configuration has 1 problem:",
    `${options.path}:${line}:1: this line is not UTF-8 text; save the file as UTF-8`,
  ]);
});

test("refuses a file above a megabyte", async () => {
  const options = await withFile(GOOD + "#".repeat(1_000_000));
  expect(errorOf(options).message.split("\n")[1]).toBe(
    `${options.path}:1:1: the file is bigger than 1000000 bytes; name a configuration file`,
  );
});

test("sees that two homes are one folder behind a link, and that a home is the slot behind one", async () => {
  const home = tempDir();
  const path = join(home, "config.yaml");
  await mkdir(join(home, "real", "a"), { recursive: true });
  await symlink(join(home, "real"), join(home, "link"));
  await writeFile(
    path,
    `accounts:
  - { name: a, home: real/a }
  - { name: b, home: link/a }
  - { name: c, home: link/slot }
slot: real/slot
`,
  );
  expect(errorOf({ path, env: {}, home }).message.split("\n").slice(1)).toEqual([
    `${path}:3:22: accounts[1].home is the same folder as accounts[0].home; give each account its own home`,
    `${path}:4:22: accounts[2].home is the slot, which is a link to the active home; name another folder, like ~/.claude-work`,
  ]);
});

test("a slot that points to an account's home is as it should be", async () => {
  const home = await realpath(tempDir());
  await mkdir(join(home, "homes", "a"), { recursive: true });
  await symlink(join(home, "homes", "a"), join(home, ".claude"));
  const path = join(home, "config.yaml");
  await writeFile(path, GOOD);
  expect(loadConfig({ path, env: {}, home }).slot).toBe(join(home, ".claude"));
});
