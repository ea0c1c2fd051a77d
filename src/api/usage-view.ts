import type { UsageRow } from "../store/usage.ts";
import { SCHEMA } from "./contract.ts";
import type { UsageJson } from "./usage-contract.ts";

const MOST_POINTS = 500;

/** Pure: readings by account and window, thinned out to what can be drawn. Rows oldest first. */
export function usageJson(
  accounts: readonly { readonly name: string; readonly rows: readonly UsageRow[] }[],
): UsageJson {
  return {
    schema: SCHEMA,
    accounts: accounts.map(({ name, rows }) => ({
      name,
      windows: [...new Set(rows.map((row) => row.window))].map((window) => ({
        window,
        points: thinned(rows.filter((row) => row.window === window)),
      })),
    })),
  };
}

/** The last reading of each of equal spans of time; the newest is always there. */
function thinned(rows: readonly UsageRow[]): [number, number][] {
  const first = rows[0]?.at ?? 0;
  const span = Math.max(1, ((rows.at(-1)?.at ?? 0) - first) / (MOST_POINTS - 1));
  const last = new Map<number, UsageRow>();
  for (const row of rows) last.set(Math.floor((row.at - first) / span), row);
  return [...last.values()].map(({ at, usedPercent }) => [at, usedPercent]);
}
