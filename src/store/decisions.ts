import { fromJson, toJson, type Json } from "./json.ts";
import { prepare, type Connection } from "./statement.ts";

export interface NewDecision {
  readonly at: number;
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
  latest(): DecisionRow | null;
  /** Newest first. */
  list(limit: number): DecisionRow[];
}

type RawDecision = Omit<DecisionRow, "detail"> & { detail: string | null };

export function decisionsTable(db: Connection): DecisionsTable {
  const add = prepare(
    db,
    `INSERT INTO decisions (at, kind, code, text, detail)
     VALUES (@at, @kind, @code, @text, @detail)`,
  );
  const byId = prepare<RawDecision>(
    db,
    "SELECT id, at, kind, code, text, detail FROM decisions WHERE id = @id",
  );
  const list = prepare<RawDecision>(
    db,
    "SELECT id, at, kind, code, text, detail FROM decisions ORDER BY id DESC LIMIT @limit",
  );
  const read = (limit: number): DecisionRow[] => list.all({ limit }).map(toDecision);
  return {
    add: (decision) => add.run({ ...decision, detail: toJson(decision.detail) }).rowId,
    get: (id) => {
      const raw = byId.get({ id });
      return raw === undefined ? null : toDecision(raw);
    },
    latest: () => read(1)[0] ?? null,
    list: read,
  };
}

function toDecision(raw: RawDecision): DecisionRow {
  return { ...raw, detail: fromJson(raw.detail) };
}
