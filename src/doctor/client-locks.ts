import { realpathSync } from "node:fs";
import { join } from "node:path";
import { homeLockPaths } from "../accounts/home-lock.ts";
import { findLock, isStale, type FoundLock } from "../accounts/lock-directory.ts";
import type { Clock } from "../clock.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("clientLocks");

/** A lock directory of the client that is there. */
export interface SeenLock {
  readonly path: string;
  readonly ageMs: number;
  readonly isStale: boolean;
}

/**
 * Whether a dead process left lock directories of the client behind (client facts 7): those of a
 * token refresh, and those that guard `.claude.json` and `history.jsonl`.
 */
export const clientLocksCheck: Check<Scene> = {
  code: "clientLocks",
  look: async ({ config, home, clock }) => {
    const paths = [home, ...config.accounts.map((account) => account.home)].flatMap((each) =>
      lockPaths(each, each === home),
    );
    const found = paths.map(findLock);
    const locks = found.filter((lock) => lock !== null);
    return judgeClientLocks(locks.map((lock) => seen(lock, clock)));
  },
};

/** Pure. */
export function judgeClientLocks(locks: readonly SeenLock[]): readonly Finding[] {
  const stale = locks.filter((lock) => lock.isStale);
  if (stale.length > 0) {
    return stale.map(({ path, ageMs }) =>
      say.warn(
        `${path} was left behind: nobody has touched it for ${Math.floor(ageMs / 1000)} s.`,
        `The client takes it over by itself after a minute; while no client runs, rmdir ${path} is safe.`,
      ),
    );
  }
  const held = locks.length === 0 ? "" : ` ${locks.length} held right now.`;
  return [say.ok(`No lock of the client was left behind.${held}`)];
}

function lockPaths(home: string, isUserHome: boolean): string[] {
  const state = join(home, ".claude.json.lock");
  if (isUserHome) return [state];
  const { refresh, legacy } = homeLockPaths(realPath(home));
  return [refresh, legacy, state, join(home, "history.jsonl.lock")];
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function seen(lock: FoundLock, clock: Clock): SeenLock {
  const ageMs = Math.max(0, clock.now() - lock.mtimeMs);
  return { path: lock.path, ageMs, isStale: isStale(lock, clock) };
}
