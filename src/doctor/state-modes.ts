import { chmodSync, statSync } from "node:fs";
import type { Places } from "../config/places.ts";
import { errnoOf } from "../errors.ts";
import { findingsOf, type BareScene, type Check, type Finding } from "./model.ts";

const say = findingsOf("stateModes");

/** One of our own files or folders; null mode and owner where there is none. */
export interface OwnPath {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
}

/** Whether our own folders, files and the socket are for their owner alone (design: Files and places). */
export const stateModesCheck: Check<BareScene> = {
  code: "stateModes",
  look: ({ places, uid }) => judgeStateModes(ownPaths(places), uid),
  fix: ({ places, uid }) =>
    ownPaths(places)
      .filter((own) => isOpen(own) && own.uid === uid)
      .map(({ path, mode }) => {
        chmodSync(path, mode & 0o700);
        return `Closed ${path} to others (mode ${octal(mode)} -> ${octal(mode & 0o700)}).`;
      }),
};

/** Pure. `uid` is the operator's. */
export function judgeStateModes(paths: readonly OwnPath[], uid: number): readonly Finding[] {
  const foreign = paths
    .filter((own) => own.uid !== uid)
    .map((own) =>
      say.bad(
        `${own.path} belongs to user ${own.uid}, not to ${uid}.`,
        "Give it to the user who runs the daemon, or move it away.",
      ),
    );
  const open = paths
    .filter(isOpen)
    .map((own) =>
      say.bad(
        `${own.path} is open to others (mode ${octal(own.mode)}).`,
        `claude-failover doctor --fix closes it, as does chmod go= ${own.path}.`,
      ),
    );
  const found = [...foreign, ...open];
  if (found.length > 0) return found;
  if (paths.length === 0) return [say.ok("There is no state folder yet.")];
  return [say.ok("State folder, socket and spool are for their owner alone.")];
}

function isOpen({ mode }: OwnPath): boolean {
  return (mode & 0o077) !== 0;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function ownPaths(places: Places): readonly OwnPath[] {
  const { stateDir, runtimeDir, spoolDir, pasteDir, settingsDir, slotsDir } = places;
  const { socket, database, lockFile, logFile } = places;
  const files = [socket, database, `${database}-wal`, `${database}-shm`, lockFile, logFile];
  const all = [stateDir, runtimeDir, spoolDir, pasteDir, settingsDir, slotsDir, ...files];
  return [...new Set(all)].flatMap(ownPath);
}

function ownPath(path: string): OwnPath[] {
  try {
    const { mode, uid } = statSync(path);
    return [{ path, mode: mode & 0o7777, uid }];
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
