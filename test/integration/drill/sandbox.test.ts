import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeSandbox } from "../../../src/drill/sandbox.ts";
import type { Sandbox, SandboxOptions } from "../../../src/drill/sandbox.ts";
import { claimFolder, refuseRealHome, releaseFolder } from "../../../src/drill/sandbox-claim.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function sandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const made = await makeSandbox(options);
  onTestFinished(() => made.dispose());
  return made;
}

it("holds two logged-in accounts, a trusted project and no slot", async () => {
  const box = await sandbox();
  expect(box.accounts.map(({ name }) => name)).toEqual(["compte1", "compte2"]);
  for (const account of box.accounts) {
    const file = join(account.home, ".credentials.json");
    expect((await lstat(file)).mode & 0o777).toBe(0o600);
    const login = JSON.parse(await readFile(file, "utf8")) as {
      claudeAiOauth: { accessToken: string; expiresAt: number };
    };
    expect(login.claudeAiOauth.accessToken).toBe(`sk-ant-oat01-${account.name}-0001`);
    expect(login.claudeAiOauth.expiresAt).toBeGreaterThan(Date.now());
  }
  const state = JSON.parse(await readFile(join(box.home, ".claude.json"), "utf8")) as object;
  expect(state).toMatchObject({
    hasCompletedOnboarding: true,
    oauthAccount: { emailAddress: "compte1@example.test" },
    projects: { [box.projectDir]: { hasTrustDialogAccepted: true } },
  });
  expect(await readdir(box.projectDir)).toContain("README.md");
  await expect(lstat(box.slot)).rejects.toThrow("ENOENT");
});

it("gives sessions an environment from nothing but the PATH", async () => {
  process.env["ANTHROPIC_API_KEY"] = "sk-ant-api03-real-x";
  onTestFinished(() => void delete process.env["ANTHROPIC_API_KEY"]);
  const box = await sandbox({ path: "/usr/bin" });
  const env = box.env({ baseUrl: "http://127.0.0.1:1", extra: { MORE: "1" } });
  expect(env).toMatchObject({
    HOME: box.home,
    PATH: "/usr/bin",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    MORE: "1",
  });
  expect(env).not.toHaveProperty("ANTHROPIC_API_KEY");
  const places = ["HOME", "TMPDIR", "XDG_RUNTIME_DIR", "TMUX_TMPDIR"].map((name) => env[name]);
  expect(places.every((place) => place?.startsWith(box.root))).toBe(true);
});

it("trusts each further project in every state file", async () => {
  const box = await sandbox({ accounts: ["only"] });
  const project = await box.makeProject("src/api");
  for (const folder of [box.home, box.accounts[0]?.home ?? ""]) {
    const state = await readFile(join(folder, ".claude.json"), "utf8");
    expect(state).toContain(JSON.stringify(project));
    expect(state).toContain(JSON.stringify(box.projectDir));
  }
});

it("removes everything, twice without harm", async () => {
  const box = await sandbox();
  await writeFile(join(box.home, "more"), "");
  await box.dispose();
  await expect(access(box.root)).rejects.toThrow("ENOENT");
  await box.dispose();
});

it("waits for programs that work in it before it removes anything", async () => {
  const box = await sandbox();
  const script = `trap 'mkdir -p late/late; exit' TERM; echo ready; while :; do sleep 0.05; done`;
  const child = spawn("sh", ["-c", script], {
    cwd: box.projectDir,
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  const disposed = box.dispose();
  expect(await readdir(box.projectDir)).toContain("README.md");
  child.kill();
  await disposed;
  await expect(access(box.root)).rejects.toThrow("ENOENT");
});

it("ends what has its HOME in it and stays, wherever that works", async () => {
  const box = await sandbox();
  const child = spawn("sh", ["-c", 'echo ready; while :; do mkdir -p "$HOME/late"; done'], {
    cwd: "/",
    env: box.env({ baseUrl: "http://127.0.0.1:1" }),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  await box.dispose();
  expect(await exited).toEqual([null, "SIGKILL"]);
  await expect(access(box.root)).rejects.toThrow("ENOENT");
});

it("refuses a folder that holds anything it did not make, and leaves it alone", async () => {
  const root = tempDir();
  await writeFile(join(root, "notes.md"), "mine");
  await expect(makeSandbox({ root })).rejects.toMatchObject({ code: "CF_DRILL_REAL_HOME" });
  expect(await readdir(root)).toEqual(["notes.md"]);
});

it("refuses the home of a real user, what lies above it, and a link to it", async () => {
  const realHome = userInfo().homedir;
  const link = join(tempDir(), "home");
  await symlink(realHome, link);
  for (const home of [realHome, "/", link]) {
    await expect(refuseRealHome({ home, realHome })).rejects.toMatchObject({
      code: "CF_DRILL_REAL_HOME",
    });
  }
  await refuseRealHome({ home: join(realHome, "below", "home"), realHome });
  await refuseRealHome({ home: `${realHome}-other`, realHome });
});

it("does not remove a folder whose marker is not its own", async () => {
  const folder = join(tempDir(), "claimed");
  const claim = await claimFolder(folder);
  await mkdir(join(folder, "work"));
  await releaseFolder({ ...claim, id: "another" });
  expect(await readdir(folder)).toContain("work");
});
