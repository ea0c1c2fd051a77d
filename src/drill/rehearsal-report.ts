/** One claim of the product, looked at during a rehearsal. */
export interface Check {
  readonly claim: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
}

export interface SessionLine {
  readonly name: string;
  readonly sessionId: string;
  readonly before: string;
  readonly after: string;
  readonly continuedMs: number | null;
  readonly transcripts: number;
}

/** Milliseconds of one continued turn, by who took them. */
export interface Timing {
  readonly session: string;
  readonly single: boolean;
  /** From the refusal's last byte to the client's own word of it. */
  readonly clientTellsMs: number;
  /** From there to the text typed: the daemon's share. */
  readonly daemonMs: number;
  /** From there to Enter, which waits until the client shows the text. */
  readonly clientShowsMs: number;
  /** From Enter to the next request. */
  readonly clientGoesOnMs: number;
  readonly totalMs: number;
}

export interface RehearsalReport {
  readonly schema: 1;
  readonly agent: string;
  readonly sessions: readonly SessionLine[];
  readonly timings: readonly Timing[];
  readonly checks: readonly Check[];
  readonly passed: boolean;
}

/** The closing words of a rehearsal, for people. Pure. */
export function reportText(report: RehearsalReport): string {
  const rows = report.sessions.map((each) => [
    each.name,
    each.sessionId,
    each.before,
    each.after,
    each.continuedMs === null ? "-" : `${Math.round(each.continuedMs)} ms`,
    String(each.transcripts),
  ]);
  const heads = ["SESSION", "UUID", "BEFORE", "AFTER", "CONTINUED AFTER", "TRANSCRIPTS"];
  const failed = report.checks.filter((check) => !check.ok).length;
  const verdict = report.passed
    ? `All ${report.checks.length} claims hold.`
    : `${failed} of ${report.checks.length} claims do not hold.`;
  return [
    "",
    table([heads, ...rows]),
    "",
    ...timingLines(report.timings),
    "",
    ...checkLines(report),
    "",
    verdict,
    "",
  ].join("\n");
}

export function checkLines({ checks }: RehearsalReport): string[] {
  return checks.map(({ ok, claim, found }) => `  ${ok ? "ok  " : "FAIL"} ${claim}: ${found}`);
}

export function timingLines(timings: readonly Timing[]): string[] {
  const single = timings.filter((each) => each.single);
  const fleet = timings.filter((each) => !each.single);
  return [
    ...timingLine("one session at a limit", single),
    ...timingLine("the whole fleet at once", fleet),
  ];
}

function timingLine(what: string, timings: readonly Timing[]): string[] {
  if (timings.length === 0) return [];
  const of = (key: Exclude<keyof Timing, "session" | "single">): string =>
    `${Math.round(median(timings.map((each) => each[key])))} ms`;
  return [
    `  ${what} (median of ${timings.length}): limit to next request ${of("totalMs")} =` +
      ` client tells ${of("clientTellsMs")} + daemon ${of("daemonMs")} + client shows the text ${of("clientShowsMs")} + client goes on ${of("clientGoesOnMs")}`,
  ];
}

/** The middle value; of an even number the mean of the two in the middle; NaN of none. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

function table(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
