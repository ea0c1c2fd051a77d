import { ask } from "../api/client.ts";
import type { StatusJson } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import { asFailoverError, FailoverError } from "../errors.ts";

/** Whether a daemon answers on its socket. */
export type DaemonLook =
  | { readonly kind: "running"; readonly pid: number | null; readonly version: string }
  | { readonly kind: "down" }
  /** Something is there and does not answer as a daemon does. */
  | { readonly kind: "silent"; readonly why: string };

const ANSWER_MS = 5_000;

/** Asks the daemon for its status, for five seconds at most. Never throws. */
export async function lookForDaemon(socket: string, clock: Clock): Promise<DaemonLook> {
  const answered = new AbortController();
  const late = new AbortController();
  clock.sleep(ANSWER_MS, answered.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    const { signal } = late;
    const status = await ask<StatusJson>({ socket, method: "GET", path: "/v1/status", signal });
    const told: StatusJson["daemon"] | undefined = status.daemon;
    if (told === undefined) return { kind: "silent", why: "it answers, but not as a daemon does" };
    return { kind: "running", pid: told.pid, version: told.version };
  } catch (thrown) {
    if (thrown instanceof FailoverError && thrown.code === "CF_DAEMON_DOWN")
      return { kind: "down" };
    const why = late.signal.aborted
      ? `it did not answer within ${ANSWER_MS / 1000} s`
      : asFailoverError(thrown).message;
    return { kind: "silent", why };
  } finally {
    answered.abort();
  }
}
