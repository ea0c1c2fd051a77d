import { readFileSync, readlinkSync } from "node:fs";
import { errnoOf } from "../errors.ts";

/**
 * A control client whose reader was killed while tmux had an answer for it never ends by itself:
 * tmux up to 3.7 waits for output to drain that nobody takes. It stays attached for good, and with it
 * a server that was told to end. Its sessions do not notice.
 */

/** Which of the pids that `list-clients` printed are of clients that no living process of ours holds. */
export function abandonedClients(lines: readonly string[], ownPid: number): number[] {
  return lines
    .map(Number)
    .filter((pid) => pid > 1 && pid !== ownPid)
    .filter(isAbandoned);
}

/** Ends a client of tmux; its server and every session go on. */
export function endClient(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}

/**
 * Whether the process that started a client is gone, so that init or a subreaper has it. Where that
 * cannot be told it is left alone.
 */
function isAbandoned(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent <= 1) return process.pid !== 1;
    return readlinkSync(`/proc/${parent}/exe`) !== readlinkSync("/proc/self/exe");
  } catch {
    return false;
  }
}
