import { ask } from "../api/client.ts";
import type { Clock } from "../clock.ts";
import type { Places } from "../config/places.ts";
import { errnoOf, FailoverError } from "../errors.ts";

/** Who works on this state, or the lock that keeps others from doing so. `text` is one sentence. */
export type Guard =
  | { readonly kind: "ours"; readonly lock: Disposable }
  | { readonly kind: "daemonRuns" | "locked"; readonly text: string };

const PROBE_MS = 5_000;

/**
 * Keeps a daemon from starting, and another adoption from running, on this state until the lock is
 * disposed of. Throws CF_STORE_UNWRITABLE when the state folder cannot be written.
 */
export async function guardState(places: Places, clock: Clock): Promise<Guard> {
  const running = await daemonText(places, clock);
  if (running !== null) return { kind: "daemonRuns", text: running };
  const { takeInstanceLock } = await import("../store/instance-lock.ts");
  try {
    const lock = takeInstanceLock(places.lockFile);
    if (lock !== null) return { kind: "ours", lock };
    const who = `A daemon that starts or ends, or another adopt, runs on ${places.stateDir}.`;
    return { kind: "locked", text: `${who} Wait until it is done.` };
  } catch (thrown) {
    if (thrown instanceof FailoverError) throw thrown;
    const errno = errnoOf(thrown) ?? "?";
    throw new FailoverError(
      "CF_STORE_UNWRITABLE",
      `The lock ${places.lockFile} cannot be taken (${errno}).`,
      { details: { path: places.lockFile, errno }, cause: thrown },
    );
  }
}

/** One sentence when a daemon runs on this state, or may run; null when none does. Changes nothing. */
export async function daemonText(places: Places, clock: Clock): Promise<string | null> {
  const end = new AbortController();
  const late = new AbortController();
  clock.sleep(PROBE_MS, end.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    await ask({ socket: places.socket, method: "GET", path: "/v1/status", signal: late.signal });
  } catch (thrown) {
    if (thrown instanceof FailoverError && thrown.code === "CF_DAEMON_DOWN") return null;
  } finally {
    end.abort();
  }
  return `A daemon runs on ${places.stateDir}. Stop it, and end its sessions, first.`;
}
