import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cachedVersions,
  ensureClientBinary,
  findOnPath,
} from "../../../src/drill/client-binary.ts";
import { clientPackage } from "../../../src/drill/client-binary-package.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A folder for the PATH with an npm that does what the shell lines say, and writes down its arguments. */
async function npmThat(lines: string): Promise<{ PATH: string; log: string }> {
  const folder = tempDir();
  const log = join(folder, "npm.log");
  await program(join(folder, "npm"), `printf '%s\\n' "$*" >>'${log}'\n${lines}`);
  return { PATH: `${folder}:/usr/bin:/bin`, log };
}

async function program(path: string, lines: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o755);
}

/** Shell lines of an npm that knows 2.1.309 as the latest and installs what it is asked for. */
const INSTALLS = `
case $1 in
view) echo '"2.1.309"' ;;
install)
  mkdir -p "node_modules/${clientPackage()}"
  printf '#!/bin/sh\\n' >"node_modules/${clientPackage()}/claude"
  chmod +x "node_modules/${clientPackage()}/claude" ;;
esac`;

describe("ensureClientBinary", () => {
  it("takes the claude on the PATH when no version is asked for", async () => {
    const folder = tempDir();
    await program(join(folder, "claude"), "true");
    const found = await ensureClientBinary({
      cacheDir: join(folder, "cache"),
      env: { PATH: `relative:${folder}` },
    });
    expect(found).toEqual({ path: join(folder, "claude"), version: null, origin: "path" });
  });

  it("fetches the latest once and finds it in the cache afterwards", async () => {
    const npm = await npmThat(INSTALLS);
    const cacheDir = join(tempDir(), "cache");
    const phases: string[] = [];
    const first = await ensureClientBinary({
      cacheDir,
      env: npm,
      onProgress: ({ phase, version }) => phases.push(`${phase} ${version}`),
    });
    const place = join(cacheDir, "claude-2.1.309", "node_modules", clientPackage(), "claude");
    expect(first).toEqual({ path: place, version: "2.1.309", origin: "fetched" });
    expect(phases).toEqual(["asking null", "fetching 2.1.309"]);
    const again = await ensureClientBinary({ cacheDir, env: npm, version: "2.1.309" });
    expect(again.origin).toBe("cache");
    expect(await readdir(cacheDir)).toEqual(["claude-2.1.309"]);
    const installs = (await readFile(npm.log, "utf8")).match(/^install .*$/gm);
    expect(installs).toHaveLength(1);
    expect(installs?.[0]).toContain("--ignore-scripts");
  });

  it("serves two runs at once with one folder", async () => {
    const npm = await npmThat(INSTALLS);
    const cacheDir = join(tempDir(), "cache");
    const runs = [1, 2].map(() => ensureClientBinary({ cacheDir, env: npm, version: "2.1.309" }));
    const [one, two] = await Promise.all(runs);
    expect(one?.path).toBe(two?.path);
    expect(await readdir(cacheDir)).toEqual(["claude-2.1.309"]);
  });

  it("uses the newest cached version when the registry cannot be asked", async () => {
    const cacheDir = join(tempDir(), "cache");
    for (const version of ["2.1.309", "2.1.310"]) {
      await ensureClientBinary({ cacheDir, env: await npmThat(INSTALLS), version });
    }
    const offline = await npmThat("exit 1");
    expect(await ensureClientBinary({ cacheDir, env: offline })).toMatchObject({
      version: "2.1.310",
      origin: "cache",
    });
  });

  it("leaves nothing behind and says why when npm fails", async () => {
    const npm = await npmThat(
      "echo 'npm error code ENOTFOUND' >&2; echo 'npm error network down' >&2; exit 1",
    );
    const cacheDir = join(tempDir(), "cache");
    const failure = ensureClientBinary({ cacheDir, env: npm, version: "2.1.309" });
    await expect(failure).rejects.toMatchObject({
      code: "CF_DRILL_CLIENT",
      message: "npm could not fetch Claude Code: network down.",
      hint: expect.stringContaining("--agent stand-in") as unknown,
    });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it("says where the releases are listed when there is no such one", async () => {
    const said = "No matching version found for @anthropic-ai/claude-code@2.1.1";
    const npm = await npmThat(
      `echo 'npm error code ETARGET' >&2; echo 'npm error notarget ${said}.' >&2; exit 1`,
    );
    const cacheDir = join(tempDir(), "cache");
    await expect(
      ensureClientBinary({ cacheDir, env: npm, version: "2.1.1" }),
    ).rejects.toMatchObject({
      message: `npm could not fetch Claude Code: ${said}.`,
      hint: "npm view @anthropic-ai/claude-code versions lists the releases there are.",
    });
  });

  it("says that npm is missing, and that it took too long", async () => {
    const cacheDir = join(tempDir(), "cache");
    const missing = ensureClientBinary({ cacheDir, env: { PATH: "/nowhere" }, version: "2.1.309" });
    await expect(missing).rejects.toThrow("There is no npm on the PATH");
    const stuck = await npmThat("exec sleep 30");
    const late = ensureClientBinary({ cacheDir, env: stuck, version: "2.1.309", timeoutMs: 200 });
    await expect(late).rejects.toThrow("npm did not answer within");
  });
});

it("does not take a half-fetched folder for a version", async () => {
  const cacheDir = tempDir();
  await mkdir(join(cacheDir, "claude-2.1.309"));
  await mkdir(join(cacheDir, "claude-2.1.8.part-abc"));
  expect(await cachedVersions(cacheDir)).toEqual([]);
});

it("finds no program in an empty PATH", async () => {
  expect(await findOnPath("claude", "")).toBeNull();
});
