import type { Refusal } from "../policy/model.ts";
import type { TranscriptRow } from "./transcript.ts";

/** Where a session stands by its transcript. "Unknown" is never "ok". */
export interface TranscriptVerdict {
  readonly state: "limited" | "ok" | "unknown";
  /** The refusal it stands on; for `unknown` one of another class, if that was the last word. */
  readonly refusal: Refusal | null;
  /** When the refused request was made (epoch ms): whose account it was is decided by this. */
  readonly requestedAt: number | null;
  readonly promptId: string | null;
  /** When the deciding row was written (epoch ms). */
  readonly at: number | null;
}

type RefusalRow = Extract<TranscriptRow, { kind: "refusal" }>;

/**
 * Pure: the verdict of rows in file order (a tail of the file is enough). The newest answer of the
 * session ends a limit, nothing else does; a refusal of another class after a limit leaves it
 * standing (client facts 11).
 */
export function latestVerdict(rows: readonly TranscriptRow[]): TranscriptVerdict {
  const session = rows.at(-1)?.sessionId;
  const own = rows.filter((row) => row.sessionId === session);
  let lastRefusal: number | null = null;
  for (const [index, row] of [...own.entries()].toReversed()) {
    if (row.kind === "answer" && lastRefusal === null)
      return { state: "ok", refusal: null, requestedAt: null, promptId: null, at: row.at };
    if (row.kind === "answer") break;
    if (row.kind !== "refusal") continue;
    if (row.refusal.class === "usageLimit") return verdictOn("limited", own, row, index);
    lastRefusal ??= index;
  }
  const refused = lastRefusal === null ? undefined : own[lastRefusal];
  if (refused?.kind === "refusal" && lastRefusal !== null)
    return verdictOn("unknown", own, refused, lastRefusal);
  return { state: "unknown", refusal: null, requestedAt: null, promptId: null, at: null };
}

function verdictOn(
  state: "limited" | "unknown",
  rows: readonly TranscriptRow[],
  row: RefusalRow,
  index: number,
): TranscriptVerdict {
  const { requestedAt, promptId } = requestOf(rows.slice(0, index), row);
  return { state, refusal: row.refusal, requestedAt, promptId, at: row.at };
}

/**
 * Pure: when the request behind a refusal was made, and for which prompt. The row before the refusal
 * on its chain is the prompt, tool result or attachment that caused the request; where the client
 * writes down the request itself after it (a retry, a slow start), that is nearer. `earlier` are the
 * rows before the refusal, in file order; null for what they do not hold.
 */
function requestOf(
  earlier: readonly TranscriptRow[],
  row: { readonly parentUuid: string | null },
): { requestedAt: number | null; promptId: string | null } {
  const byUuid = new Map(earlier.map((each) => [each.uuid, each]));
  const parent = byUuid.get(row.parentUuid ?? "");
  const request = earlier.findLast((each) => each.kind === "request");
  const caused = parent?.at ?? null;
  const requestedAt =
    request !== undefined && caused !== null && request.at > caused ? request.at : caused;
  return { requestedAt, promptId: promptOf(byUuid, parent) };
}

function promptOf(
  byUuid: ReadonlyMap<string, TranscriptRow>,
  from: TranscriptRow | undefined,
): string | null {
  const seen = new Set<string>();
  for (let row = from; row !== undefined && !seen.has(row.uuid);) {
    if ((row.kind === "prompt" || row.kind === "toolResult") && row.promptId !== null)
      return row.promptId;
    seen.add(row.uuid);
    row = byUuid.get(row.parentUuid ?? "");
  }
  return null;
}
