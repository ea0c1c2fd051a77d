import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errnoOf, FailoverError } from "../errors.ts";

/** A folder that is ours to fill and to remove, shown by a marker only we know. */
export interface Claim {
  readonly folder: string;
  readonly id: string;
}

const MARKER = ".claude-failover-sandbox";

/** Throws CF_DRILL_REAL_HOME when a HOME is, or lies above, the one a real user has. */
export async function refuseRealHome(options: { home: string; realHome: string }): Promise<void> {
  const home = await realPathOf(options.home);
  const realHome = await realPathOf(options.realHome);
  const isAbove = `${realHome}${sep}`.startsWith(home === sep ? sep : `${home}${sep}`);
  if (isAbove) {
    throw new FailoverError("CF_DRILL_REAL_HOME", `${options.home} is the home of a real user.`, {
      details: { home: options.home },
    });
  }
}

/** Takes a missing or empty folder. Throws CF_DRILL_REAL_HOME when anything lies in it. */
export async function claimFolder(folder: string): Promise<Claim> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [found] = await readdir(folder);
  if (found !== undefined) {
    throw new FailoverError(
      "CF_DRILL_REAL_HOME",
      `${folder} holds ${found}, which this drill did not make.`,
      { details: { folder, found } },
    );
  }
  const claim = { folder, id: randomUUID() };
  await writeFile(join(folder, MARKER), claim.id, { flag: "wx", mode: 0o600 });
  return claim;
}

/**
 * Removes a folder we claimed; one that is gone is fine, one without our marker is left alone.
 * Programs that are just ending still write, and would make parts of it anew: it waits up to five
 * seconds for those that live in it, and ends those that stay.
 */
export async function releaseFolder(claim: Claim): Promise<void> {
  const id = await readFile(join(claim.folder, MARKER), "utf8").catch(() => null);
  if (id !== claim.id) return;
  const folder = await realpath(claim.folder);
  for (let attempt = 1; attempt <= 100; attempt++) {
    if ((await inhabitants(folder)).length === 0) break;
    await delay(50);
  }
  for (const pid of await inhabitants(folder)) endProcess(pid);
  for (let attempt = 1; ; attempt++) {
    try {
      await rm(claim.folder, { recursive: true, force: true });
      return;
    } catch (thrown) {
      if (attempt === 40 || !["ENOTEMPTY", "EBUSY"].includes(errnoOf(thrown) ?? "")) throw thrown;
      await delay(50);
    }
  }
}

/**
 * Processes other than this one that have their working directory or their HOME in a folder of
 * ours: sessions, and what a killed daemon had started. None where that cannot be told.
 */
async function inhabitants(folder: string): Promise<number[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const inside = (path: string): boolean => `${path}${sep}`.startsWith(`${folder}${sep}`);
  const lives = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      return inside(cwd) || inside(await homeOf(pid));
    }),
  );
  return pids.map(Number).filter((pid, index) => lives[index] === true && pid !== process.pid);
}

async function homeOf(pid: string): Promise<string> {
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  const entry = environment.split("\0").find((each) => each.startsWith("HOME="));
  return entry?.slice("HOME=".length) ?? "";
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (thrown) {
    if (errnoOf(thrown) !== "ESRCH") throw thrown;
  }
}

/** The real path of what exists of a path, with the rest as written. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    return join(await realPathOf(parent), path.slice(parent.length));
  }
}
