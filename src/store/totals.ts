import { prepare, type Connection } from "./statement.ts";

/** Sums over everything that is kept, for monitoring. */
export interface Totals {
  /** Ended switchovers by cause and outcome. */
  switchovers(): { readonly cause: string; readonly outcome: string; readonly count: number }[];
  /** How many sessions were continued within each of `boundsMs`, and altogether. */
  continued(boundsMs: readonly number[]): {
    readonly buckets: readonly { readonly upToMs: number; readonly count: number }[];
    readonly sumMs: number;
    readonly count: number;
  };
}

export function totals(db: Connection): Totals {
  const switchovers = prepare<{ cause: string; outcome: string; count: number }>(
    db,
    `SELECT cause, outcome, count(*) AS count FROM switchovers WHERE outcome IS NOT NULL
     GROUP BY cause, outcome ORDER BY cause, outcome`,
  );
  const continued = prepare<{ sumMs: number | null; count: number }>(
    db,
    `SELECT sum(continued_ms) AS sumMs, count(*) AS count FROM switchover_sessions
     WHERE continued_ms IS NOT NULL AND continued_ms <= @upToMs`,
  );
  const upTo = (upToMs: number): { sumMs: number | null; count: number } =>
    continued.get({ upToMs }) ?? { sumMs: null, count: 0 };
  return {
    switchovers: () => switchovers.all(),
    continued: (boundsMs) => {
      const { sumMs, count } = upTo(Number.MAX_SAFE_INTEGER);
      const buckets = boundsMs.map((upToMs) => ({ upToMs, count: upTo(upToMs).count }));
      return { buckets, sumMs: sumMs ?? 0, count };
    },
  };
}
