import type { HookCall, TranscriptRow } from "./agent-session.ts";

/** Keys and types of a value: what a parser of it relies on. Arrays by their first element. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object") return typeof value;
  const entries = Object.entries(value).toSorted(([left], [right]) => left.localeCompare(right));
  return Object.fromEntries(entries.map(([key, inner]) => [key, shapeOf(inner)]));
}

/** `type`, with the subtype where there is one. */
export function kindOf(row: TranscriptRow): string {
  const { subtype } = row;
  return typeof subtype === "string" ? `${row.type}/${subtype}` : row.type;
}

/** Rows that make up the conversation; the rest is the client's own bookkeeping. */
export function conversation(rows: readonly TranscriptRow[]): TranscriptRow[] {
  return rows.filter((row) => ["user", "assistant", "system"].includes(row.type));
}

/** The first row of each kind, by shape. */
export function shapesByKind(rows: readonly TranscriptRow[]): Record<string, unknown> {
  const shapes: Record<string, unknown> = {};
  for (const row of rows) shapes[kindOf(row)] ??= shapeOf(row);
  return shapes;
}

/** The first payload of each event, by shape. */
export function shapesByEvent(calls: readonly HookCall[]): Record<string, unknown> {
  const shapes: Record<string, unknown> = {};
  for (const call of calls) shapes[call.event] ??= shapeOf(call.payload);
  return shapes;
}

/** Each row's parent is the row of the chain before it, and the first has none. */
export function isOneChain(rows: readonly TranscriptRow[]): boolean {
  const known = new Set<unknown>([null]);
  const chained = rows.filter((row) => "parentUuid" in row);
  return chained.every((row) => {
    const hasParent = known.has(row["parentUuid"]);
    known.add(row["uuid"]);
    return hasParent;
  });
}
