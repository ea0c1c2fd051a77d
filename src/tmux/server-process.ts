import { readFileSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { errnoOf } from "../errors.ts";

const LOOK_EVERY_MS = 10;

/**
 * Waits until a process is gone, at most `timeoutMs`; returns whether it is. Aborting the signal
 * ends the wait early.
 */
export async function waitForExit(options: {
  pid: number;
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
}): Promise<boolean> {
  const { pid, timeoutMs, clock, signal } = options;
  const until = clock.monotonic() + timeoutMs;
  while (isAlive(pid)) {
    if (signal.aborted || clock.monotonic() >= until) return false;
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  return true;
}

/** Lets a tmux server look which of its children ended. */
export function remindOfChildren(serverPid: number): void {
  try {
    process.kill(serverPid, "SIGCHLD");
  } catch {
    // It has just ended itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is a process.
    return errnoOf(error) === "EPERM";
  }
  return !isZombie(pid);
}

/** A dead process stays visible until its parent looks, which in a container may take seconds. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.startsWith("Z", stat.lastIndexOf(")") + 2);
  } catch {
    return false;
  }
}
