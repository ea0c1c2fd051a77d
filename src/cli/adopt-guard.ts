import type { Clock } from "../clock.ts";
import type { Places } from "../config/places.ts";
import { lookForDaemon } from "../doctor/look-for-daemon.ts";

/** Who works on this state, or the lock that keeps others from doing so. `text` is one sentence. */
export type Guard =
  | { readonly kind: "ours"; readonly lock: Disposable }
  | { readonly kind: "daemonRuns" | "locked"; readonly text: string };

/**
 * Keeps a daemon from starting, and another adoption from running, on this state until the lock is
 * disposed of. Throws CF_STORE_UNWRITABLE or CF_STORE_FULL when the state folder cannot be written.
 */
export async function guardState(places: Places, clock: Clock): Promise<Guard> {
  const running = await daemonText(places, clock);
  if (running !== null) return { kind: "daemonRuns", text: running };
  const { takeInstanceLock } = await import("../store/instance-lock.ts");
  const lock = takeInstanceLock(places.lockFile);
  if (lock !== null) return { kind: "ours", lock };
  const who = `A daemon that starts or ends, or another adopt, runs on ${places.stateDir}.`;
  return { kind: "locked", text: `${who} Wait until it is done.` };
}

/** One sentence when a daemon runs on this state, or may run; null when none does. Changes nothing. */
export async function daemonText(places: Places, clock: Clock): Promise<string | null> {
  const { kind } = await lookForDaemon(places.socket, clock);
  if (kind === "down") return null;
  return `A daemon runs on ${places.stateDir}. End its sessions with claude-failover down, then stop it.`;
}
