import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { changeClientState } from "../../../src/claude/client-state.ts";
import { clientStateFile, preAcceptTrust } from "../../../src/claude/trust.ts";
import { tempDir } from "../../support/temp-dir.ts";

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const accepted = { hasTrustDialogAccepted: true };

/** A state file with everything a client keeps there, and two project folders. */
function scene() {
  const dir = tempDir();
  const [api, web] = [join(dir, "api"), join(dir, "web")];
  for (const folder of [api, web]) mkdirSync(folder);
  return { dir, api, web, file: join(dir, ".claude.json") };
}

describe("the client's state file", () => {
  it.each([
    ["in HOME for the default slot", "/home/op/.claude", "/home/op/.claude.json"],
    ["inside the account for another slot", "/srv/slot", "/home/op/.one/.claude.json"],
  ])("lies %s", (_where, slot, file) => {
    expect(clientStateFile({ home: "/home/op", slot, accountHome: "/home/op/.one" })).toBe(file);
  });
});

describe("preAcceptTrust", () => {
  it("makes a missing file, readable by its owner alone", async () => {
    const { file, api, web } = scene();
    expect(await preAcceptTrust(file, [api, web])).toEqual([api, web]);
    expect(read(file)).toEqual({
      hasCompletedOnboarding: true,
      projects: { [api]: accepted, [web]: accepted },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("makes the folder of a missing file", async () => {
    const { dir, api } = scene();
    const file = join(dir, "home", ".claude.json");
    await preAcceptTrust(file, [api]);
    expect(statSync(join(dir, "home")).mode & 0o777).toBe(0o700);
    expect(read(file)).toMatchObject({ projects: { [api]: accepted } });
  });

  it("keeps everything else in the file, and its mode", async () => {
    const { file, api, web } = scene();
    const before = {
      numStartups: 41,
      oauthAccount: { emailAddress: "op@example.org" },
      projects: { [api]: { allowedTools: ["Bash"], lastCost: 0.25 }, "/else": { history: [] } },
    };
    writeFileSync(file, JSON.stringify(before));
    chmodSync(file, 0o640);
    expect(await preAcceptTrust(file, [api, web])).toEqual([api, web]);
    expect(read(file)).toEqual({
      ...before,
      hasCompletedOnboarding: true,
      projects: {
        ...before.projects,
        [api]: { ...before.projects[api], ...accepted },
        [web]: accepted,
      },
    });
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it("does not touch a file in which nothing is missing", async () => {
    const { dir, file, api } = scene();
    await preAcceptTrust(file, [api]);
    writeFileSync(file, `${readFileSync(file, "utf8")}\n\n`);
    utimesSync(file, 1_000, 1_000);
    const { ino, mtimeMs } = statSync(file);
    expect(await preAcceptTrust(file, [api, api])).toEqual([]);
    expect(statSync(file)).toMatchObject({ ino, mtimeMs });
    expect(readdirSync(dir).toSorted()).toEqual([".claude.json", "api", "web"]);
  });

  it("trusts a folder under the name it was given and under its real one", async () => {
    const { dir, file, api } = scene();
    const link = join(dir, "link");
    symlinkSync(api, link);
    expect(await preAcceptTrust(file, [link, join(dir, "missing")])).toEqual([
      link,
      api,
      join(dir, "missing"),
    ]);
  });

  it("writes to the file a link leads to, and leaves the link", async () => {
    const { dir, file, api } = scene();
    const real = join(dir, "real.json");
    writeFileSync(real, '{"theme":"dark"}');
    symlinkSync(real, file);
    await preAcceptTrust(file, [api]);
    expect(readlinkSync(file)).toBe(real);
    expect(lstatSync(real).isFile()).toBe(true);
    expect(read(real)).toMatchObject({ theme: "dark", projects: { [api]: accepted } });
  });

  it.each([
    ["half a file", '{"projects": {'],
    ["nothing", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["a text", '"x"'],
  ])("refuses a file that holds %s, and leaves it as it is", async (_what, text) => {
    const { dir, file, api } = scene();
    writeFileSync(file, text);
    await expect(preAcceptTrust(file, [api])).rejects.toMatchObject({
      code: "CF_CLIENT_STATE",
      details: { file },
    });
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(readdirSync(dir).toSorted()).toEqual([".claude.json", "api", "web"]);
  });

  it("says so when the file cannot be read or written", async () => {
    const { dir, api } = scene();
    const inFile = join(api, "file");
    writeFileSync(inFile, "");
    for (const file of [dir, join(inFile, ".claude.json")])
      await expect(preAcceptTrust(file, [api])).rejects.toMatchObject({ code: "CF_CLIENT_STATE" });
  });

  it("whose lock is gone before it was let go is an error, and ends no process", async () => {
    const { file } = scene();
    const { setTimeout: timeout } = globalThis;
    onTestFinished(() => void (globalThis.setTimeout = timeout));
    // What looks after the lock every 5 s does so at once, and finds it gone.
    const soon = (act: () => void, ms?: number) => {
      if (ms !== 5_000) return timeout(act, ms);
      rmdirSync(`${file}.lock`);
      return setImmediate(act);
    };
    globalThis.setTimeout = soon as unknown as typeof setTimeout;
    const changed = changeClientState(file, (state) => ({ ...state, theme: "dark" }));
    await expect(changed).rejects.toMatchObject({ code: "CF_CLIENT_STATE" });
  });

  it("loses nothing when several call it at the same time", async () => {
    const { dir, file } = scene();
    const folders = Array.from({ length: 4 }, (_, index) => join(dir, `p${index}`));
    for (const folder of folders) mkdirSync(folder);
    writeFileSync(file, '{"theme":"dark"}');
    const told = await Promise.all(folders.map(async (each) => preAcceptTrust(file, [each])));
    expect(told.map((each) => each.length)).toEqual(folders.map(() => 1));
    expect(read(file)).toEqual({
      theme: "dark",
      hasCompletedOnboarding: true,
      projects: Object.fromEntries(folders.map((folder) => [folder, accepted])),
    });
    expect(
      readdirSync(dir).filter((name) => name.includes("tmp") || name.includes("lock")),
    ).toEqual([]);
  });

  it("waits while the client holds the file's lock, and keeps what the client wrote", async () => {
    const { file, api } = scene();
    mkdirSync(`${file}.lock`);
    const accepting = preAcceptTrust(file, [api]);
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(file, '{"theme":"dark"}');
    rmdirSync(`${file}.lock`);
    await accepting;
    expect(read(file)).toMatchObject({ theme: "dark", projects: { [api]: accepted } });
  });

  it("needs no lock when nothing is missing", async () => {
    const { file, api } = scene();
    await preAcceptTrust(file, [api]);
    mkdirSync(`${file}.lock`);
    expect(await preAcceptTrust(file, [api])).toEqual([]);
  });

  it("asks nothing of the file when there is no folder to trust", async () => {
    const { file } = scene();
    expect(await preAcceptTrust(file, [])).toEqual([]);
    expect(() => statSync(file)).toThrow("ENOENT");
  });
});
