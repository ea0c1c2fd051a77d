import { mkdirSync, renameSync } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { syncDirectory } from "../../../src/accounts/adopt/durable.ts";
import { ensureAll, ensureHome, validateAll } from "../../../src/accounts/shared-links.ts";
import { homesError, problemText } from "../../../src/accounts/shared-problems.ts";
import { DEFAULT_SHARED_LINKS, sharedTarget } from "../../../src/accounts/shared-targets.ts";
import { snapshot } from "../../support/snapshot.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function place(): Promise<{ root: string; home: string; links: string[] }> {
  const root = tempDir();
  return { root, home: join(root, ".claude-one"), links: [] };
}

async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode & 0o7777;
}

describe("ensureHome", () => {
  test("creates home, targets and absolute one-hop links, all private", async () => {
    const at = await place();
    const report = await ensureHome(at);
    expect(report).toMatchObject({ problems: [], warnings: [], missing: [] });
    expect(report.created).toHaveLength(7);
    expect(await modeOf(at.home)).toBe(0o700);
    for (const link of DEFAULT_SHARED_LINKS) {
      const target = sharedTarget(at.root, link);
      expect(await readlink(join(at.home, link))).toBe(target);
      expect(await modeOf(target)).toBe(0o700);
    }
  });

  test("does nothing the second time", async () => {
    const at = await place();
    await ensureHome(at);
    const before = await snapshot(at.root);
    expect((await ensureHome(at)).created).toEqual([]);
    expect(await snapshot(at.root)).toEqual(before);
  });

  test("two at once end with one whole home", async () => {
    const at = await place();
    const reports = await Promise.all([1, 2, 3, 4].map(() => ensureHome(at)));
    expect(reports.flatMap((report) => report.problems)).toEqual([]);
    expect(await readlink(join(at.home, "projects"))).toBe(sharedTarget(at.root, "projects"));
  });

  test("says that the home is another one than it was when it began", async () => {
    const at = await place();
    await mkdir(at.home, { mode: 0o700 });
    const working = ensureHome(at);
    renameSync(at.home, `${at.home}-before`);
    mkdirSync(at.home, { mode: 0o700 });
    const { problems } = await working;
    expect(problems.map(({ code }) => code)).toContain("changedMeanwhile");
  });

  test("joins a second home to targets and content that are there", async () => {
    const at = await place();
    await ensureHome(at);
    await writeFile(join(at.home, "projects", "kept"), "x");
    const second = { ...at, home: join(at.root, ".claude-two") };
    expect((await ensureHome(second)).created).toHaveLength(4);
    expect(await readFile(join(second.home, "projects", "kept"), "utf8")).toBe("x");
  });

  test("seeds a file beside whatever else lies there, and leaves nothing behind", async () => {
    const at = { ...(await place()), links: ["history.jsonl"] };
    const others = `${sharedTarget(at.root, "history.jsonl")}.new`;
    await writeFile(others, "mine");
    expect((await ensureHome(at)).problems).toEqual([]);
    expect(await readFile(others, "utf8")).toBe("mine");
    const drafts = (await readdir(at.root)).filter((name) => name.endsWith(".new"));
    expect(drafts).toEqual([basename(others)]);
  });

  test("makes do with a file system that cannot sync a directory", async () => {
    await expect(syncDirectory("/proc")).resolves.toBeUndefined();
  });

  test("seeds known files so that the client can read them", async () => {
    const at = { ...(await place()), links: ["settings.json", "history.jsonl"] };
    expect((await ensureHome(at)).problems).toEqual([]);
    expect(await readFile(join(at.home, "settings.json"), "utf8")).toBe("{}\n");
    expect(await readFile(join(at.home, "history.jsonl"), "utf8")).toBe("");
    expect(await modeOf(sharedTarget(at.root, "settings.json"))).toBe(0o600);
  });

  test("warns of a home others can enter and leaves its mode alone", async () => {
    const at = await place();
    await ensureHome(at);
    await chmod(at.home, 0o755);
    expect((await ensureHome(at)).warnings).toEqual([
      { code: "openMode", account: "", path: at.home, mode: 0o755 },
    ]);
    expect(await modeOf(at.home)).toBe(0o755);
  });

  test("accepts a link that reaches the target's directory by another name", async () => {
    const at = await place();
    await mkdir(join(at.root, "real"));
    await symlink(join(at.root, "real"), join(at.root, "alias"));
    await ensureHome({ ...at, root: join(at.root, "real") });
    expect((await ensureHome({ ...at, root: join(at.root, "alias") })).problems).toEqual([]);
  });
});

type At = { root: string; home: string };
const projects = ({ home }: At): string => join(home, "projects");
const target = ({ root }: At): string => sharedTarget(root, "projects");
const OBSTACLES: readonly [string, string, (at: At) => Promise<unknown>][] = [
  ["a link elsewhere", "linkElsewhere", (at) => symlink("/elsewhere/projects", projects(at))],
  ["a link to itself", "linkElsewhere", (at) => symlink(projects(at), projects(at))],
  ["a folder in its place", "linkOccupied", (at) => mkdir(projects(at))],
  ["a file in its place", "linkOccupied", (at) => writeFile(projects(at), "mine")],
  ["a dangling link", "linkDangling", (at) => symlink(target(at), projects(at))],
  ["a target that is a file", "targetWrongKind", (at) => writeFile(target(at), "mine")],
  [
    "a target that is a link",
    "linkToLink",
    async (at) => {
      await mkdir(join(at.root, "beyond"));
      await symlink(join(at.root, "beyond"), target(at));
    },
  ],
];

describe("nothing is touched and path, found and expected are named for", () => {
  test.each(OBSTACLES)("%s", async (_, code, prepare) => {
    const at = await place();
    await mkdir(at.home, { mode: 0o700 });
    await prepare(at);
    const before = await snapshot(at.root);
    const report = await ensureHome(at);
    expect(report.problems.map((problem) => problem.code)).toEqual([code]);
    expect(report.problems[0]?.path).toMatch(/projects(-shared)?$/);
    expect(problemText(report.problems[0]!)).toMatch(/: found .+, expected a /);
    expect(report.created).toEqual([]);
    expect(await snapshot(at.root)).toEqual(before);
  });

  test("a home that is a file", async () => {
    const at = await place();
    await writeFile(at.home, "mine");
    expect((await ensureHome(at)).problems).toMatchObject([{ code: "homeNotDirectory" }]);
  });

  test("a home that is a link to itself", async () => {
    const at = await place();
    await symlink(at.home, at.home);
    expect((await ensureHome(at)).problems).toMatchObject([{ code: "homeDangling" }]);
  });

  test("an unknown file without a target", async () => {
    const at = { ...(await place()), links: ["statusline.sh"] };
    expect((await ensureHome(at)).problems).toMatchObject([{ code: "targetMissing" }]);
  });

  test("a name that must not be shared", async () => {
    const at = { ...(await place()), links: [".credentials.json"] };
    expect((await ensureHome(at)).problems).toMatchObject([{ code: "linkRefused" }]);
  });

  test("a home that cannot be created", async () => {
    const at = { ...(await place()), home: "/proc/self/nowhere/home" };
    expect((await ensureHome(at)).problems).toMatchObject([{ code: "cannotCreate" }]);
  });
});

describe("all homes together", () => {
  test("every problem of every home is reported in one go", async () => {
    const root = tempDir();
    const accounts = ["one", "two", "three"].map((name) => ({ name, home: join(root, name) }));
    await writeFile(join(root, "one"), "a file");
    await mkdir(join(root, "two", "projects"), { recursive: true });
    await mkdir(join(root, "two", "file-history"));
    const report = await ensureAll({ accounts, links: [], root });
    expect(report.problems.map(({ account, code }) => `${account} ${code}`)).toEqual([
      "one homeNotDirectory",
      "two linkOccupied",
      "two linkOccupied",
    ]);
    expect(report.created).toEqual([]);
    await expect(lstat(join(root, "three"))).rejects.toThrow("ENOENT");
    expect(homesError(report.problems).message).toContain("3 problems");
  });

  test("no account, no home and one home for two accounts are problems", async () => {
    const root = tempDir();
    const check = async (...homes: string[]): Promise<string[]> => {
      const accounts = homes.map((home, index) => ({ name: `a${index}`, home }));
      return validateAll({ accounts, links: [], root }).problems.map(({ code }) => code);
    };
    await mkdir(join(root, "home"));
    await symlink("home", join(root, "alias"));
    expect(await check()).toEqual(["noAccount"]);
    expect(await check("")).toEqual(["noHome"]);
    expect(await check("relative")).toEqual(["homeRelative"]);
    expect(await check(join(root, "home"), join(root, "alias"))).toEqual(["sameHome"]);
    expect(await check(join(root, "new"), join(root, "new"))).toEqual(["sameHome"]);
  });

  test("looking changes nothing and tells what is missing", async () => {
    const root = tempDir();
    const accounts = [{ name: "one", home: join(root, "one") }];
    const report = validateAll({ accounts, links: [], root });
    expect(report.missing).toHaveLength(7);
    expect(await snapshot(root)).toEqual({});
  });

  test("homes are made when no home has a problem", async () => {
    const root = tempDir();
    const accounts = ["one", "two"].map((name) => ({ name, home: join(root, name) }));
    const report = await ensureAll({ accounts, links: ["todos"], root });
    expect(report.problems).toEqual([]);
    expect(report.missing).toEqual([]);
    expect(await readlink(join(root, "two", "todos"))).toBe(sharedTarget(root, "todos"));
  });
});
