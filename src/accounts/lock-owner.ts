import { closeSync, constants, openSync, readSync, unlinkSync, writeFileSync } from "node:fs";
import { errnoOf } from "../errors.ts";
import { ownPidSpace, processStart } from "./proc.ts";

/**
 * The note beside `.oauth_refresh.lock`: which process holds it and the `<real home>.lock` that goes
 * with it. The client writes one since about 2.1.200, and reads one when it has waited in vain: the
 * locks of a dead owner it then removes at once (measured, 2.1.328; without a note after 60 s).
 */
export interface LockOwner {
  readonly pid: number;
  readonly procStart: string | null;
  readonly pidDomain: string | null;
  /** Birth of `.oauth_refresh.lock`, epoch milliseconds with fraction: which lock the note is about. */
  readonly lockBirthtimeMs: number | null;
  /** Birth of `<real home>.lock`. */
  readonly legacyLockBirthtimeMs: number | null;
}

export type OwnerState = "alive" | "dead" | "unknown";

const MAX_BYTES = 4096;

/** Reads the note at a path; null when there is none that can be understood. Never throws. */
export function readOwner(path: string): LockOwner | null {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(MAX_BYTES);
      return parseOwner(buffer.toString("utf8", 0, readSync(file, buffer)));
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

/** The note in a text, or null. */
export function parseOwner(text: string): LockOwner | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const fields = value as Record<string, unknown>;
  const pid = fields["pid"];
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return null;
  return {
    pid,
    procStart: textOf(fields["procStart"]),
    pidDomain: textOf(fields["pidDomain"]),
    lockBirthtimeMs: numberOf(fields["lockBirthtimeMs"]),
    legacyLockBirthtimeMs: numberOf(fields["legacyLockBirthtimeMs"]),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Whether the owner still runs. Only a process of this machine and pid space can be told. */
export function ownerState(owner: LockOwner | null): OwnerState {
  const space = ownPidSpace();
  if (owner === null || space === null || owner.pidDomain !== space.pidDomain) return "unknown";
  const start = processStart(owner.pid);
  if (start === undefined) return "unknown";
  if (start === null) return "dead";
  if (owner.procStart === null) return "unknown";
  return start === owner.procStart ? "alive" : "dead";
}

/** Leaves our own note. A courtesy: the lock holds without it, so failing is no fault. */
export function writeOwner(options: {
  path: string;
  lockBirthtimeMs: number;
  legacyLockBirthtimeMs: number;
}): void {
  const { path, lockBirthtimeMs, legacyLockBirthtimeMs } = options;
  const procStart = processStart(process.pid);
  const who = { pid: process.pid, procStart, ...ownPidSpace() };
  const note = JSON.stringify({ ...who, lockBirthtimeMs, legacyLockBirthtimeMs });
  // "wx" never follows a link; whose note is there is past, for the lock is ours.
  const write = (): void => writeFileSync(path, note, { flag: "wx", mode: 0o600 });
  try {
    try {
      write();
    } catch (thrown) {
      if (errnoOf(thrown) !== "EEXIST") throw thrown;
      unlinkSync(path);
      write();
    }
  } catch {
    // Out of space or out of reach.
  }
}
