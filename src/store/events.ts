import { fromJson, type Json } from "./json.ts";
import { prepare, type Connection } from "./statement.ts";

export interface EventRow {
  /** Grows by one with every event and is never given twice, also after a prune. */
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly data: Json;
}

export interface EventsTable {
  append(event: Omit<EventRow, "seq">): EventRow;
  /** Events after `seq`, oldest first, at most `limit`. */
  since(seq: number, limit: number): EventRow[];
  /** The newest `limit` events, oldest first. */
  latest(limit: number): EventRow[];
  /** The highest number given so far, 0 before the first event. */
  lastSeq(): number;
}

type RawEvent = Omit<EventRow, "data"> & { data: string };

export function eventsTable(db: Connection): EventsTable {
  const append = prepare(db, "INSERT INTO events (at, type, data) VALUES (@at, @type, @data)");
  const since = prepare<RawEvent>(
    db,
    "SELECT seq, at, type, data FROM events WHERE seq > @seq ORDER BY seq LIMIT @limit",
  );
  const latest = prepare<RawEvent>(
    db,
    "SELECT seq, at, type, data FROM events ORDER BY seq DESC LIMIT @limit",
  );
  const last = prepare<{ seq: number }>(
    db,
    "SELECT seq FROM sqlite_sequence WHERE name = 'events'",
  );
  const lastSeq = (): number => last.get()?.seq ?? 0;
  return {
    append: (event) => {
      const { rowId } = append.run({ ...event, data: JSON.stringify(event.data) });
      return { ...event, seq: rowId };
    },
    since: (seq, limit) => since.all({ seq, limit }).map(toEvent),
    latest: (limit) => latest.all({ limit }).map(toEvent).reverse(),
    lastSeq,
  };
}

function toEvent(raw: RawEvent): EventRow {
  return { ...raw, data: fromJson(raw.data) };
}
