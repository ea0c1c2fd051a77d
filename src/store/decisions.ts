import { fromJson, toJson, type Json } from "./json.ts";
import { prepare, type Connection } from "./statement.ts";

export interface NewDecision {
  readonly at: number;
  /** The name of the slot it is about. */
  readonly slot: string;
  /** What the policy decided: `stay`, `failover`, … */
  readonly kind: string;
  readonly code: string;
  readonly text: string;
  readonly detail: Json;
}

export interface DecisionRow extends NewDecision {
  readonly id: number;
}

export interface DecisionsTable {
  /** Stores one decision and returns its id. */
  add(decision: NewDecision): number;
  get(id: number): DecisionRow | null;
  /** Of this slot, or of any. */
  latest(slot?: string): DecisionRow | null;
  /** Newest first. */
  list(limit: number): DecisionRow[];
}

type RawDecision = Omit<DecisionRow, "detail"> & { detail: string | null };

const SELECT = "SELECT id, at, slot, kind, code, text, detail FROM decisions";

export function decisionsTable(db: Connection): DecisionsTable {
  const add = prepare(
    db,
    `INSERT INTO decisions (at, slot, kind, code, text, detail)
     VALUES (@at, @slot, @kind, @code, @text, @detail)`,
  );
  const byId = prepare<RawDecision>(db, `${SELECT} WHERE id = @id`);
  const list = prepare<RawDecision>(db, `${SELECT} ORDER BY id DESC LIMIT @limit`);
  const latestOf = prepare<RawDecision>(
    db,
    `${SELECT} WHERE slot = @slot ORDER BY id DESC LIMIT 1`,
  );
  const read = (limit: number): DecisionRow[] => list.all({ limit }).map(toDecision);
  return {
    add: (decision) => add.run({ ...decision, detail: toJson(decision.detail) }).rowId,
    get: (id) => {
      const raw = byId.get({ id });
      return raw === undefined ? null : toDecision(raw);
    },
    latest: (slot) => {
      const raw = slot === undefined ? list.get({ limit: 1 }) : latestOf.get({ slot });
      return raw === undefined ? null : toDecision(raw);
    },
    list: read,
  };
}

function toDecision(raw: RawDecision): DecisionRow {
  return { ...raw, detail: fromJson(raw.detail) };
}
