import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { errnoOf } from "../errors.ts";

/**
 * When a process was started, in clock ticks since boot, as the client writes it (`procStart`,
 * client facts 6). Null when there is no such process, or one that ended and that its parent was not
 * told of yet: it holds nothing. Undefined when it cannot be told (no /proc).
 */
export function processStart(pid: number): string | null | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command in parentheses may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : fields[19];
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno !== "ENOENT" && errno !== "ESRCH") return undefined;
    return onProc() ? null : undefined;
  }
}

function onProc(): boolean {
  try {
    readFileSync("/proc/self/stat");
    return true;
  } catch {
    return false;
  }
}

/** The machine and process-id space in which a pid means something; null where it cannot be told. */
export interface PidSpace {
  readonly pidDomain: string;
  readonly pidSpace: string;
}

let known: PidSpace | null | undefined;

/** The space of this process, in the client's own spelling (measured, 2.1.328 on Linux). */
export function ownPidSpace(): PidSpace | null {
  known ??= readPidSpace();
  return known;
}

function readPidSpace(): PidSpace | null {
  try {
    const machine = readFileSync("/etc/machine-id", "utf8").trim();
    const namespace = readlinkSync("/proc/self/ns/pid");
    return { pidDomain: `linux:${machine}:${namespace}`, pidSpace: `${hostname()}#${namespace}` };
  } catch {
    return null;
  }
}
