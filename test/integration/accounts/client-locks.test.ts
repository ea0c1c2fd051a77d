import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  access,
  lstat,
  mkdir,
  readFile,
  rm,
  rmdir,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lock as clientStyleLock } from "proper-lockfile";
import { describe, expect, test } from "vitest";
import {
  acquireClientLocks,
  clientLockPaths,
  type ClientLocks,
  type ClientLocksBusy,
} from "../../../src/accounts/client-locks.ts";
import { LOCK_STALE_MS, OUR_STALE_MS } from "../../../src/accounts/lock-directory.ts";
import { ownPidSpace, processStart } from "../../../src/accounts/proc.ts";
import { systemClock, type Clock } from "../../../src/clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const clock = systemClock;

async function twoHomes(): Promise<{ root: string; homes: string[]; paths: string[] }> {
  const root = tempDir();
  const homes = [join(root, "b"), join(root, "a")];
  for (const home of homes) await mkdir(home);
  const paths = ["a/.oauth_refresh.lock", "a.lock", "b/.oauth_refresh.lock", "b.lock"];
  return { root, homes, paths: paths.map((path) => join(root, path)) };
}

async function present(paths: readonly string[]): Promise<boolean[]> {
  return await Promise.all(
    paths.map((path) =>
      lstat(path).then(
        () => true,
        () => false,
      ),
    ),
  );
}

function held(result: ClientLocks | ClientLocksBusy): ClientLocks {
  if (result.busy !== null) throw new Error(`busy: ${result.busy.holder}`);
  return result;
}

const ALL = [true, true, true, true];
const NONE = [false, false, false, false];

describe("the client's locks", () => {
  test("are all taken in one order whatever the order of the homes, and all given back", async () => {
    const { homes, paths } = await twoHomes();
    expect(clientLockPaths(homes)).toEqual(paths);
    const locks = held(await acquireClientLocks({ homes, clock }));
    expect(locks.paths).toEqual(paths);
    expect(await present(paths)).toEqual(ALL);
    expect(await locks.lost()).toEqual([]);
    expect(await locks.release()).toBeGreaterThanOrEqual(0);
    expect(await present(paths)).toEqual(NONE);
    expect(await locks.release()).toBeGreaterThanOrEqual(0);
  });

  test("of one home named twice, also through a link, are taken once", async () => {
    const { root, homes } = await twoHomes();
    await symlink(join(root, "a"), join(root, "slot"));
    const names = [join(root, "a"), join(root, "slot"), ...homes];
    const locks = held(await acquireClientLocks({ homes: names, clock, boundMs: 0 }));
    expect(locks.paths).toHaveLength(4);
    await locks.release();
  });

  test.each([0, 1, 2, 3])("none stays taken when number %i is busy", async (index) => {
    const { homes, paths } = await twoHomes();
    await mkdir(paths[index]!);
    const result = await acquireClientLocks({ homes, clock, boundMs: 30 });
    expect(result.busy).toMatchObject({ path: paths[index], holderPid: null });
    expect(await present(paths)).toEqual(paths.map((_, other) => other === index));
  });

  test("none is held while one is waited for", async () => {
    const { homes, paths } = await twoHomes();
    await mkdir(paths[3]!);
    const seen: boolean[][] = [];
    const watching: Clock = {
      ...clock,
      sleep: async (ms, signal) => {
        seen.push(await present(paths));
        await clock.sleep(ms, signal);
      },
    };
    await acquireClientLocks({ homes, clock: watching, boundMs: 50 });
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen.map(String))).toEqual(new Set([String([false, false, false, true])]));
  });

  test("are taken as soon as the client lets go", async () => {
    const { homes, paths } = await twoHomes();
    const release = await clientStyleLock(join(dirname(paths[1]!), "a"), {
      lockfilePath: paths[1]!,
    });
    const seen: boolean[][] = [];
    const watching: Clock = {
      ...clock,
      sleep: async (ms, signal) => {
        seen.push(await present(paths));
        if (seen.length === 2) await release();
        await clock.sleep(ms, signal);
      },
    };
    const locks = held(await acquireClientLocks({ homes, clock: watching }));
    expect(seen[0]).toEqual([false, true, false, false]);
    expect(locks.waitedMs).toBeGreaterThan(0);
    await locks.release();
  });

  test("keep another client-style locker out while held", async () => {
    const { root, homes } = await twoHomes();
    const locks = held(await acquireClientLocks({ homes, clock }));
    await expect(clientStyleLock(join(root, "a"))).rejects.toThrow("already being held");
    await locks.release();
    await (
      await clientStyleLock(join(root, "a"))
    )();
  });

  test("name the process that holds them when its owner file does", async () => {
    const { homes, paths } = await twoHomes();
    await mkdir(paths[0]!);
    await writeFile(`${paths[0]!}.owner`, JSON.stringify({ pid: process.pid }));
    const { busy } = await acquireClientLocks({ homes, clock, boundMs: 0 });
    expect(busy).toMatchObject({ holderPid: process.pid, ageMs: expect.any(Number) });
    expect(busy?.holder).toMatch(/^process \d+ \(.*\) holds .*\.oauth_refresh\.lock, last touched/);
  });

  test("leave a note that names us while they are held, and none after", async () => {
    const { homes, paths } = await twoHomes();
    const locks = held(await acquireClientLocks({ homes, clock }));
    const { birthtimeMs } = await lstat(paths[0]!);
    const note: unknown = JSON.parse(await readFile(`${paths[0]!}.owner`, "utf8"));
    const legacyLockBirthtimeMs = (await lstat(paths[1]!)).birthtimeMs;
    const lockBirthtimeMs = birthtimeMs;
    expect(note).toMatchObject({ pid: process.pid, lockBirthtimeMs, legacyLockBirthtimeMs });
    await locks.release();
    expect(await present(paths.map((path) => `${path}.owner`))).toEqual(NONE);
  });

  test("left behind without a note are taken once they have aged", async () => {
    const { homes, paths } = await twoHomes();
    for (const path of paths) await mkdir(path);
    await age(paths[0]!, LOCK_STALE_MS - 2000);
    expect((await acquireClientLocks({ homes, clock, boundMs: 0 })).busy?.path).toBe(paths[0]);
    for (const path of paths) await age(path, LOCK_STALE_MS + 500);
    await held(await acquireClientLocks({ homes, clock, boundMs: 0 })).release();
  });

  test.each([0o700, 0o755])(
    "of a client that was silent for 30 s stay its own, mode %i",
    async (mode) => {
      const { homes, paths } = await twoHomes();
      await mkdir(paths[1]!, mode);
      await age(paths[1]!, 30_000);
      expect((await acquireClientLocks({ homes, clock, boundMs: 0 })).busy?.path).toBe(paths[1]);
    },
  );

  test("of a dead process are taken at once, of a living one never", async () => {
    const { homes, paths } = await twoHomes();
    const owner = async (pid: number): Promise<void> => {
      for (const path of paths) await mkdir(path, { recursive: true });
      for (const [refresh, legacy] of [paths.slice(0, 2), paths.slice(2)]) {
        const lockBirthtimeMs = (await lstat(refresh!)).birthtimeMs;
        const legacyLockBirthtimeMs = (await lstat(legacy!)).birthtimeMs;
        const who = { pid, procStart: processStart(pid) ?? "1", ...ownPidSpace() };
        const note = { ...who, lockBirthtimeMs, legacyLockBirthtimeMs };
        await writeFile(`${refresh!}.owner`, JSON.stringify(note));
      }
    };
    await owner(process.pid);
    for (const path of paths) await age(path, 10 * LOCK_STALE_MS);
    expect((await acquireClientLocks({ homes, clock, boundMs: 0 })).busy).toMatchObject({
      path: paths[0],
      holderPid: process.pid,
    });
    await owner(2 ** 22 + 1);
    await held(await acquireClientLocks({ homes, clock, boundMs: 0 })).release();
    expect(await present(paths)).toEqual(NONE);
  });

  test("are not taken on the word of a note about an earlier lock", async () => {
    const { homes, paths } = await twoHomes();
    await mkdir(paths[0]!);
    const note = { pid: 2 ** 22 + 1, procStart: "1", ...ownPidSpace(), lockBirthtimeMs: 5 };
    await writeFile(`${paths[0]!}.owner`, JSON.stringify(note));
    expect((await acquireClientLocks({ homes, clock, boundMs: 0 })).busy?.path).toBe(paths[0]);
  });

  test("are never removed when something else is in their place", async () => {
    const { homes, paths } = await twoHomes();
    await writeFile(paths[1]!, "mine");
    await utimes(paths[1]!, 1, 1);
    expect((await acquireClientLocks({ homes, clock, boundMs: 0 })).busy?.path).toBe(paths[1]);
    await access(paths[1]!);
  });

  test("that somebody took over are reported lost and left to them", async () => {
    const { homes, paths } = await twoHomes();
    const locks = held(await acquireClientLocks({ homes, clock }));
    await rmdir(paths[1]!);
    await mkdir(paths[1]!);
    expect(await locks.lost()).toEqual([paths[1]]);
    await locks.release();
    expect(await present(paths)).toEqual([false, true, false, false]);
  });

  test("are touched while held, and stay ours", async () => {
    const { homes, paths } = await twoHomes();
    let touch = (): void => undefined;
    const stepping: Clock = {
      ...clock,
      now: () => Date.now() + 60_000,
      sleep: (_, signal) =>
        new Promise((resolve, reject) => {
          touch = resolve;
          signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
        }),
    };
    const locks = held(await acquireClientLocks({ homes, clock: stepping }));
    touch();
    await expect.poll(async () => (await lstat(paths[3]!)).mtimeMs).toBeGreaterThan(Date.now());
    expect(await locks.lost()).toEqual([]);
    await locks.release();
    expect(await present(paths)).toEqual(NONE);
  });

  test("are given back when the waiting is aborted", async () => {
    const { homes, paths } = await twoHomes();
    await mkdir(paths[2]!);
    const end = new AbortController();
    const waiting = acquireClientLocks({ homes, clock, signal: end.signal });
    end.abort(new Error("stop"));
    await expect(waiting).rejects.toThrow("stop");
    expect(await present(paths)).toEqual([false, false, true, false]);
  });

  test("of a home that is gone are a fault that names it", async () => {
    const { root, homes, paths } = await twoHomes();
    await expect(
      acquireClientLocks({ homes: [...homes, join(root, "gone")], clock }),
    ).rejects.toMatchObject({
      code: "CF_ACCOUNT_LOCK",
      details: { path: join(root, "gone"), errno: "ENOENT" },
    });
    expect(await present(paths)).toEqual(NONE);
  });

  test("two of us never hold them at the same time", async () => {
    const { homes } = await twoHomes();
    let holders = 0;
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 10; round += 1) {
        const locks = held(await acquireClientLocks({ homes, clock }));
        holders += 1;
        expect(holders).toBe(1);
        expect(await locks.lost()).toEqual([]);
        holders -= 1;
        await locks.release();
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  });

  test("go with the process that ends while it holds them", async () => {
    const { homes, paths } = await twoHomes();
    const child = holder(homes, "process.exit(0)");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await present(paths)).toEqual(NONE);
  });

  test("of a killed claude-failover are taken at once, with a note or without", async () => {
    const { homes, paths } = await twoHomes();
    const child = holder(homes, "console.log('held')");
    await once(child.stdout!, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await present(paths)).toEqual(ALL);
    await rm(`${paths[0]!}.owner`);
    await age(paths[0]!, OUR_STALE_MS + 200);
    await age(paths[1]!, OUR_STALE_MS + 200);
    await held(await acquireClientLocks({ homes, clock, boundMs: 0 })).release();
    expect(await present(paths)).toEqual(NONE);
  });
});

async function age(path: string, ms: number): Promise<void> {
  const then = new Date(Date.now() - ms);
  await utimes(path, then, then);
}

function holder(homes: string[], then: string): ChildProcess {
  const source = fileURLToPath(new URL("../../../src/", import.meta.url));
  const script = `
    import { acquireClientLocks } from ${JSON.stringify(`${source}accounts/client-locks.ts`)};
    import { systemClock } from ${JSON.stringify(`${source}clock.ts`)};
    await acquireClientLocks({ homes: ${JSON.stringify(homes)}, clock: systemClock });
    ${then};`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
