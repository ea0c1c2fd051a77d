import type { UsageSample } from "../policy/forecast.ts";
import type { LimitWindow } from "../policy/model.ts";
import { prepare, type Connection } from "./statement.ts";

/** One reading of one window of an account, as a client told it. */
export interface UsageRow extends UsageSample {
  readonly account: string;
  readonly window: LimitWindow;
}

export interface UsageTable {
  /** Stores a reading; false when it says what the last one did less than a minute before. */
  add(row: UsageRow): boolean;
  /** An account's readings from `sinceAt` (epoch ms) on, oldest first. */
  recent(account: string, sinceAt: number): UsageRow[];
}

/** Many sessions tell the same percentage; that it still is the same is worth a row a minute. */
const SAME_MS = 60_000;

export function usageTable(db: Connection): UsageTable {
  const add = prepare(
    db,
    `INSERT INTO account_usage (account, window, at, used_percent, resets_at)
     SELECT @account, @window, @at, @usedPercent, @resetsAt
     WHERE NOT EXISTS (
       SELECT 1 FROM (
         SELECT at, used_percent, resets_at FROM account_usage
         WHERE account = @account AND window = @window AND at <= @at
         ORDER BY at DESC LIMIT 1
       ) WHERE used_percent = @usedPercent AND resets_at IS @resetsAt AND at > @at - ${SAME_MS}
     )
     ON CONFLICT DO NOTHING`,
  );
  const recent = prepare<UsageRow>(
    db,
    `SELECT account, window, at, used_percent AS usedPercent, resets_at AS resetsAt
     FROM account_usage WHERE account = @account AND at >= @sinceAt ORDER BY at, window`,
  );
  return {
    add: (row) => add.run(row).changes > 0,
    recent: (account, sinceAt) => recent.all({ account, sinceAt }),
  };
}
