import type { KeepConfig } from "../config/config.ts";
import type { ForgetBounds } from "../store/space.ts";

/** A file that may be removed. */
export interface Leftover {
  readonly path: string;
  readonly bytes: number;
  /** Since when it lies there, epoch ms. */
  readonly since: number;
}

export interface Removal extends Leftover {
  /** The end of a sentence that begins with "it". */
  readonly why: string;
}

/**
 * Pure: which of the files of one folder tree go: those older than `mostMs`, then the oldest until the
 * others have at most `mostBytes`. Oldest first.
 */
export function removals(
  files: readonly Leftover[],
  { now, mostMs, mostBytes }: { now: number; mostMs: number; mostBytes: number },
): Removal[] {
  const oldest = files.toSorted((a, b) => a.since - b.since || (a.path < b.path ? -1 : 1));
  const days = Math.round(mostMs / 86_400_000);
  let left = oldest.reduce((sum, { bytes }) => sum + bytes, 0);
  const gone: Removal[] = [];
  for (const file of oldest) {
    const isOld = now - file.since > mostMs;
    if (!isOld && left <= mostBytes) break;
    left -= file.bytes;
    const why = isOld
      ? `it is older than ${days} days`
      : `together they have more than ${Math.round(mostBytes / 1e6)} MB`;
    gone.push({ ...file, why });
  }
  return gone;
}

/** A file that nobody claims yet may be about to be. */
const UNCLAIMED_MS = 3_600_000;

/**
 * Pure: what becomes of an inbox's file that says that a session has it. `task` is the newest of its
 * name: while that is not over, or just began, the file is in use. After a kill in the middle of a move
 * it may be what is left of a task that is over and lies in its folder; and where no task is called so,
 * nobody does it any more.
 */
export function fateOfDispatched(
  { since }: Pick<Leftover, "since">,
  task: { readonly endedAt: number | null } | null,
  now: number,
): "inUse" | "isLeft" | "isLost" {
  if (now - since <= UNCLAIMED_MS) return "inUse";
  if (task === null) return "isLost";
  return task.endedAt !== null && since <= task.endedAt ? "isLeft" : "inUse";
}

const LEAST_SHARE = 1 / 16;

/**
 * Pure: what is kept in a database of `bytes`. Above its bound everything is kept for a shorter time,
 * by as much as it is too large, but not below a sixteenth: what is large may be in use.
 */
export function rowBounds(keep: KeepConfig, now: number, bytes: number): ForgetBounds {
  const share = Math.max(LEAST_SHARE, Math.min(1, keep.databaseBytes / Math.max(1, bytes)));
  const before = (ms: number): number => now - Math.ceil(ms * share);
  return {
    tasksBefore: before(keep.tasksMs),
    checkpointsBefore: before(keep.checkpointsMs),
    evidenceBefore: before(keep.evidenceMs),
    usageBefore: before(keep.usageMs),
    events: Math.ceil(keep.events * share),
    decisions: Math.ceil(keep.decisions * share),
  };
}
