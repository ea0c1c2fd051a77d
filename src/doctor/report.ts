import { SCHEMA } from "../api/contract.ts";
import { CHECK_AREAS, type Finding, type Level } from "./model.ts";

/** `doctor --json`. */
export interface DoctorJson {
  readonly schema: typeof SCHEMA;
  /** Nothing is `bad`. */
  readonly passed: boolean;
  readonly results: readonly (Finding & { readonly area: string })[];
  /** What `--fix` did, one sentence each; the results are those after it. */
  readonly fixed: readonly string[];
}

/** Pure. */
export function doctorJson(findings: readonly Finding[], fixed: readonly string[]): DoctorJson {
  return {
    schema: SCHEMA,
    passed: findings.every(({ level }) => level !== "bad"),
    results: findings.map((finding) => ({ ...finding, area: CHECK_AREAS[finding.code] })),
    fixed,
  };
}

const COLORS: Readonly<Record<Level, number>> = { ok: 32, warn: 33, bad: 31, unknown: 36 };
/** The column in which the text of a finding begins. */
export const TEXT_COLUMN = 10;
const INDENT = " ".repeat(TEXT_COLUMN);

/** `doctor` for people, grouped by area. Pure. */
export function doctorText(report: DoctorJson, options: { readonly color: boolean }): string {
  const areas = [...new Set(report.results.map(({ area }) => area))];
  const sections = areas.flatMap((area) => [
    paint(area, 1, options.color),
    ...alike(report.results.filter((each) => each.area === area)).flatMap((each) =>
      lines(each, options),
    ),
  ]);
  const fixed = report.fixed.map((each) => `Mended: ${each}`);
  return `${[...fixed, ...sections, "", summary(report.results)].join("\n")}\n`;
}

/** What several checks say in the same words is said once, with all their codes. */
function alike(findings: readonly Finding[]): Said[] {
  const said = new Map<string, Said>();
  for (const { code, level, text, hint } of findings) {
    const key = JSON.stringify([level, text, hint]);
    const codes = [...(said.get(key)?.codes ?? []), code];
    said.set(key, { codes, level, text, hint });
  }
  return [...said.values()];
}

type Said = Omit<Finding, "code"> & { readonly codes: readonly string[] };

function lines(
  { codes, level, text, hint }: Said,
  { color }: { readonly color: boolean },
): string[] {
  const head = `  ${paint(level.padEnd(7), COLORS[level], color)} ${indented(text)}`;
  const end = level === "ok" ? "" : ` (${codes.join(", ")})`;
  return [`${head}${end}`, ...(hint === "" ? [] : [`${INDENT}Try: ${indented(hint)}`])];
}

/** A text of several lines stays under its first one. */
function indented(text: string): string {
  return text.replaceAll("\n", `\n${INDENT}`);
}

function paint(text: string, code: number, color: boolean): string {
  return color ? `\u001b[${code}m${text}\u001b[0m` : text;
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((each) => each.level === level).length;
  const parts = (["bad", "warn", "unknown"] as const)
    .filter((level) => count(level) > 0)
    .map((level) => `${count(level)} ${level}`);
  return parts.length === 0 ? "All is well." : `${[...parts, `${count("ok")} ok`].join(", ")}.`;
}
