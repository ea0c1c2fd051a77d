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

/** Each row's parent is a row of the same transcript, and one row has none. */
export function isOneChain(rows: readonly TranscriptRow[]): boolean {
  const chained = rows.filter((row) => "parentUuid" in row);
  const known = new Set<unknown>(chained.map((row) => row["uuid"]));
  const roots = chained.filter((row) => row["parentUuid"] === null);
  const isKnown = chained.every(
    (row) => row["parentUuid"] === null || known.has(row["parentUuid"]),
  );
  return roots.length === 1 && isKnown;
}
