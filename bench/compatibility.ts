import { readFileSync, writeFileSync } from "node:fs";
import { certificationText } from "../src/claude/certified.ts";
import { newestFirst } from "../src/drill/client-binary-package.ts";
import type { DrillReport } from "../src/drill/drill.ts";
import type { Timing } from "../src/drill/rehearsal-report.ts";

/**
 * Writes docs/compatibility.md and the versions that a fresh install takes as certified, out of what
 * `claude-failover drill --versions A,B,… --json` printed:
 *
 *   node bench/compatibility.ts drills.json …
 *
 * Then format both: npx prettier --write docs/compatibility.md src/claude/certified-versions.ts
 */
const reports = process.argv
  .slice(2)
  .flatMap((file) => (JSON.parse(readFileSync(file, "utf8")) as { drills: DrillReport[] }).drills)
  .toSorted((a, b) => newestFirst(a.version, b.version));
const root = new URL("../", import.meta.url);
writeFileSync(new URL("docs/compatibility.md", root), page());
writeFileSync(new URL("src/claude/certified-versions.ts", root), source());

function page(): string {
  const days = reports.map(({ at }) => at.slice(0, 10)).toSorted();
  return `# Certified clients

What \`claude-failover drill\` found out about released clients, on Linux with ${reports[0]?.sessions ?? 0} sessions and made-up
accounts, ${days[0] ?? ""} to ${days.at(-1) ?? ""}. Written by \`bench/compatibility.ts\`; a version in between is drilled
on your machine when the daemon first sees it
([operations.md](operations.md#clients-and-how-sessions-move)).

A number is the milliseconds from a session's refusal to its next request under the other account,
median of the drill's rounds with one session at its limit. The machine was busy with other work, so
take them for orders of magnitude; nearly all of it is the client's own work.

| Client | Verdict | Hot, ms | Relaunch, ms | Claims that held |
| --- | --- | --: | --: | --- |
${reports.map(row).join("\n")}

The claims of the hot phase: ${claims("hot")}. Of the relaunch: ${claims("relaunch")}.
`;
}

function row(report: DrillReport): string {
  const held = report.phases.map(({ strategy, report: told }) => {
    const ok = told?.checks.filter((check) => check.ok).length ?? 0;
    return `${strategy} ${ok} of ${told?.checks.length ?? "?"}`;
  });
  const cells = [
    report.version,
    certificationText(report).replaceAll("|", "\\|"),
    medianOf(report, "hot"),
    medianOf(report, "relaunch"),
    held.join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function medianOf(report: DrillReport, strategy: string): string {
  const timings = report.phases.find((each) => each.strategy === strategy)?.report?.timings ?? [];
  const values = timings
    .filter(({ single }: Timing) => single)
    .map(({ totalMs }) => totalMs)
    .toSorted((a, b) => a - b);
  const middle = values[Math.floor(values.length / 2)];
  return middle === undefined ? "–" : String(Math.round(middle));
}

function claims(strategy: string): string {
  const phase = reports[0]?.phases.find((each) => each.strategy === strategy);
  return (phase?.report?.checks ?? []).map(({ claim }) => claim).join("; ");
}

function source(): string {
  const rows = reports.map(({ version, verdict }) => `  "${version}": "${verdict}",`);
  return `import type { Verdict } from "../policy/strategy.ts";

/**
 * What \`drill\` found out about released clients before this version was made, so that a fresh
 * install works at once. Written by bench/compatibility.ts together with docs/compatibility.md.
 */
export const CERTIFIED: Readonly<Record<string, Verdict>> = {
${rows.join("\n")}
};
`;
}
