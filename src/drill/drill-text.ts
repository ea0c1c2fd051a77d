import { certificationText } from "../claude/certified.ts";
import type { DrillReport } from "./drill.ts";
import { checkLines, timingLines } from "./rehearsal-report.ts";

/** What one drill proved, for people. Pure. */
export function drillText(report: DrillReport): string {
  const { version, verdict, why, sessions, tookMs, phases } = report;
  const proven = phases.flatMap((phase) => [
    "",
    `${phase.strategy}:`,
    ...(phase.report === null
      ? [`  FAIL ${phase.error ?? "it came to no end"}`]
      : [...checkLines(phase.report), ...timingLines(phase.report.timings)]),
  ]);
  const count = sessions === 1 ? "1 session" : `${sessions} sessions`;
  const seconds = Math.round(tookMs / 1000);
  return [
    ...proven,
    "",
    `Claude Code ${version}: ${certificationText({ verdict, why })} (${count}, ${seconds} s).`,
    "",
  ].join("\n");
}
