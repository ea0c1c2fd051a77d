import { lstat, readlink } from "node:fs/promises";
import { readOwner } from "./lock-owner.ts";

/** Who keeps a lock directory, as well as it can be told. */
export interface LockHolder {
  readonly path: string;
  /** The process, when the note beside the lock names one; null otherwise. */
  readonly holderPid: number | null;
  /** One sentence for an operator. */
  readonly holder: string;
  /** Milliseconds since the holder last touched the lock; null when it is gone by now. */
  readonly ageMs: number | null;
}

/** Says who holds a lock: by the owner's note, and by its age. Never throws. */
export async function describeHolder(options: {
  path: string;
  /** `<home>/.oauth_refresh.lock.owner`. */
  ownerPath: string;
  /** Epoch milliseconds. */
  now: number;
}): Promise<LockHolder> {
  const { path, ownerPath, now } = options;
  const ageMs = await age(path, now);
  const holderPid = readOwner(ownerPath)?.pid ?? null;
  const program = holderPid === null ? null : await programOf(holderPid);
  return { path, holderPid, ageMs, holder: sentence({ path, holderPid, program, ageMs }) };
}

async function age(path: string, now: number): Promise<number | null> {
  try {
    return Math.max(0, Math.round(now - (await lstat(path)).mtimeMs));
  } catch {
    return null;
  }
}

async function programOf(pid: number): Promise<string | null> {
  try {
    return await readlink(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

function sentence(of: {
  path: string;
  holderPid: number | null;
  program: string | null;
  ageMs: number | null;
}): string {
  const touched = of.ageMs === null ? "" : `, last touched ${of.ageMs} ms ago`;
  if (of.holderPid === null) return `a process that left no name holds ${of.path}${touched}`;
  const program = of.program === null ? "" : ` (${of.program})`;
  return `process ${of.holderPid}${program} holds ${of.path}${touched}`;
}
