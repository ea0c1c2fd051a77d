import {
  mkdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const WAIT_MS = 8_000;
const STALE_MS = 60_000;
const TOUCH_MS = 5_000;

/**
 * Does `work` while holding the two lock directories of a token refresh, in the client's order
 * (client facts 7): `<config dir>/.oauth_refresh.lock` with the owner's note beside it, then
 * `<real home>.lock`. The first path goes through the slot, so a flip while they are held leaves that
 * directory behind in the old home. Returns false, without work, when somebody else kept one of them
 * for about 8 s.
 */
export async function withRefreshLocks(
  configDir: string,
  work: () => Promise<void>,
): Promise<boolean> {
  const paths = [join(configDir, ".oauth_refresh.lock"), `${realpathSync(configDir)}.lock`];
  const note = join(configDir, ".oauth_refresh.lock.owner");
  const held: string[] = [];
  const end = performance.now() + WAIT_MS;
  const toucher = setInterval(() => held.forEach(touch), TOUCH_MS);
  try {
    for (const path of paths) {
      while (!take(path)) {
        if (performance.now() > end) return false;
        await delay(100);
      }
      held.push(path);
      if (held.length === 1) writeFileSync(note, JSON.stringify({ pid: process.pid }));
    }
    await work();
    return true;
  } finally {
    clearInterval(toucher);
    if (held.length > 0) rmSync(note, { force: true });
    held.toReversed().forEach(drop);
  }
}

function take(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - mtimeMs > STALE_MS) drop(path);
    return false;
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Gone with a flip.
  }
}

function drop(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Somewhere else since a flip, or taken over.
  }
}
