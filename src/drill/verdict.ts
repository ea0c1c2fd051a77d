import type { Verdict } from "../policy/strategy.ts";
import type { RehearsalReport } from "./rehearsal-report.ts";

/** One strategy rehearsed: its report, or why there is none. */
export interface Phase {
  readonly strategy: "hot" | "relaunch";
  readonly report: RehearsalReport | null;
  /** Why it came to no end. */
  readonly error: string | null;
}

/** What the phases say of the client. Pure. `why` is null where everything held. */
export function judge(phases: readonly Phase[]): { verdict: Verdict; why: string | null } {
  const failures = phases.flatMap((phase) => failureOf(phase) ?? []);
  const failed = failures.map(({ strategy }) => strategy);
  const why = failures.map(({ text }) => text).join(" ");
  if (failures.length === 0) return { verdict: "hot", why: null };
  if (!failed.includes("hot")) return { verdict: "hot", why };
  return { verdict: failed.includes("relaunch") ? "broken" : "relaunch", why };
}

function failureOf({ strategy, report, error }: Phase): { strategy: string; text: string } | null {
  if (report?.passed === true) return null;
  const broken = report?.checks.find(({ ok }) => !ok);
  const text = error ?? (broken === undefined ? "no report" : `${broken.claim}: ${broken.found}`);
  return { strategy, text: `${strategy}: ${text.split("\n")[0] ?? ""}` };
}
