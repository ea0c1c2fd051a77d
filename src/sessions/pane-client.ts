import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { SessionFile } from "../claude/session-files.ts";

/** A shell in the pane, a wrapper script, the client: more than that is nothing we know. */
const MOST_HOPS = 8;

/**
 * The client that runs in a pane: the program that tmux started there, or one below it, as where a
 * person typed `claude` into a shell. Of several the one nearest to the pane, because a client may
 * start others itself. `files` are the live sessions (client facts 6).
 */
export function clientInPane(
  files: readonly SessionFile[],
  panePid: number,
): SessionFile | undefined {
  const direct = files.find((file) => file.pid === panePid);
  if (direct !== undefined) return direct;
  const below = files.flatMap((file) => {
    const hops = hopsTo(panePid, file.pid);
    return hops === null ? [] : [{ file, hops }];
  });
  return below.toSorted((a, b) => a.hops - b.hops)[0]?.file;
}

/**
 * The clients of every pane, by the pane's own process, as {@link clientInPane} finds them, less those
 * that another client started. More than one means that somebody started a second one, as beside a
 * client that was suspended in a shell.
 */
export function clientsByPane(
  files: readonly SessionFile[],
  panePids: ReadonlySet<number>,
): ReadonlyMap<number, readonly SessionFile[]> {
  const clientPids = new Set(files.map(({ pid }) => pid));
  const found = new Map<number, SessionFile[]>();
  for (const file of files) {
    const panePid = paneAbove(file.pid, panePids, clientPids);
    if (panePid !== null) found.set(panePid, [...(found.get(panePid) ?? []), file]);
  }
  return found;
}

/** Null for a client that runs in none of the panes, or below another client. */
function paneAbove(
  pid: number,
  panePids: ReadonlySet<number>,
  clientPids: ReadonlySet<number>,
): number | null {
  let each = pid;
  for (let hops = 0; hops <= MOST_HOPS && each > 1; hops++) {
    if (panePids.has(each)) return each;
    each = parentOf(each);
    if (clientPids.has(each)) return null;
  }
  return null;
}

function hopsTo(ancestor: number, pid: number): number | null {
  let each = pid;
  for (let hops = 1; hops <= MOST_HOPS && each > 1; hops++) {
    each = parentOf(each);
    if (each === ancestor) return hops;
  }
  return null;
}

/** 0 where it cannot be told: the process has just ended. */
function parentOf(pid: number): number {
  try {
    if (process.platform !== "linux")
      return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Field 4; counted after the last `)`, because a command's name may hold anything.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
