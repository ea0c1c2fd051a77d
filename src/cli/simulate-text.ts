import type { Outcome } from "../simulate/model.ts";
import type { SimulationJson } from "./simulate-json.ts";

const HEADS = ["POLICY", "BLOCKED", "DELAY", "P95", "CUT OFF", "SWITCHES", "PAID", "LEFT"] as const;

/** `simulate` for people: a row a policy, the least blocked first; fits 80 columns. Pure. */
export function simulationText(result: SimulationJson): string {
  const { trace, seed, accounts, sessions, outcomes } = result;
  const weeks = outcomes[0]?.weeks ?? 0;
  const what = trace ?? `generated usage, seed ${seed ?? 0}`;
  const rows = outcomes
    .toSorted((a, b) => a.blockedMinutes - b.blockedMinutes || a.cutOff - b.cutOff)
    .map(cells);
  return [
    `${what}: ${accounts} account(s), ${sessions} session(s), ${digits(weeks)} week(s)`,
    "",
    ...columns([HEADS, ...rows]),
    "",
    "Per week: session-minutes blocked by a limit, turns cut off, switches, points of",
    "a five-hour window paid for. Delay: minutes a turn ended later than without",
    "limits, mean and 95 %. Left: turns not done at the end of the trace.",
    "",
  ].join("\n");
}

function cells(outcome: Outcome): string[] {
  const aWeek = (count: number): string => digits(count / Math.max(outcome.weeks, 1e-9));
  return [
    outcome.policy,
    aWeek(outcome.blockedMinutes),
    digits(outcome.delayMinutes.mean),
    digits(outcome.delayMinutes.p95),
    aWeek(outcome.cutOff),
    aWeek(outcome.switches),
    aWeek(outcome.paidPoints),
    String(outcome.unfinished),
  ];
}

/** Numbers to the right, the first column to the left. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  "),
  );
}

function digits(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
}
