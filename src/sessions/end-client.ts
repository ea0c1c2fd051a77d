import type { Clock } from "../clock.ts";
import { errnoOf } from "../errors.ts";
import { waitForExit } from "../tmux/server-process.ts";

/**
 * Ends a client as its own exit does: on SIGTERM it stops its turn, runs its SessionEnd hooks,
 * writes its transcript to the end and leaves with 143 (measured on 2.1.150 and 2.1.328: 0.2 to
 * 0.4 s, idle or in a turn). Wait with `awaitWritten` first: rows that are not written yet are lost.
 * No key is typed, so no draft is sent.
 * `pids` are the client and whatever wraps it in the pane, the client first. Resolves with those
 * that still run after `boundMs`; nothing is killed harder.
 */
export async function endClient(options: {
  pids: readonly number[];
  boundMs: number;
  clock: Clock;
  signal: AbortSignal;
}): Promise<number[]> {
  const { pids, boundMs, clock, signal } = options;
  const [client] = pids;
  if (client !== undefined) terminate(client);
  const end = clock.monotonic() + boundMs;
  const left: number[] = [];
  for (const pid of new Set(pids)) {
    const timeoutMs = Math.max(0, end - clock.monotonic());
    if (!(await waitForExit({ pid, timeoutMs, clock, signal }))) left.push(pid);
  }
  return left;
}

function terminate(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (thrown) {
    if (errnoOf(thrown) !== "ESRCH") throw thrown;
  }
}
