import { constants } from "node:fs";
import { lstat, open, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Who keeps a lock directory, as well as it can be told. */
export interface LockHolder {
  readonly path: string;
  /** The process, when the lock's owner file names one; null otherwise. */
  readonly holderPid: number | null;
  /** One sentence for an operator. */
  readonly holder: string;
  /** Milliseconds since the holder last touched the lock; null when it is gone by now. */
  readonly ageMs: number | null;
}

/** Looks who holds a lock: its owner file beside it (client facts 7), and its age. Never throws. */
export async function describeHolder(path: string, now: number): Promise<LockHolder> {
  const ageMs = await age(path, now);
  const holderPid = ownerPid(await ownerText(`${path}.owner`));
  const command = holderPid === null ? null : await commandOf(holderPid);
  return { path, holderPid, ageMs, holder: sentence({ path, holderPid, command, ageMs }) };
}

async function age(path: string, now: number): Promise<number | null> {
  try {
    return Math.max(0, Math.round(now - (await lstat(path)).mtimeMs));
  } catch {
    return null;
  }
}

const OWNER_MAX_BYTES = 4096;

async function ownerText(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(OWNER_MAX_BYTES));
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return "";
  }
}

/** The process id in an owner file: JSON with `pid`, or a text that begins with a number. */
export function ownerPid(text: string): number | null {
  const found = /"pid"\s*:\s*(\d+)/.exec(text) ?? /^\s*(\d+)\b/.exec(text);
  const pid = Number(found?.[1]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}

async function commandOf(pid: number): Promise<string | null> {
  try {
    return await readlink(join("/proc", String(pid), "exe"));
  } catch {
    return null;
  }
}

function sentence(of: {
  path: string;
  holderPid: number | null;
  command: string | null;
  ageMs: number | null;
}): string {
  const touched = of.ageMs === null ? "" : `, last touched ${of.ageMs} ms ago`;
  if (of.holderPid === null) return `a process that left no name holds ${of.path}${touched}`;
  const what = of.command === null ? "which no longer runs" : of.command;
  return `process ${of.holderPid} (${what}) holds ${of.path}${touched}`;
}
