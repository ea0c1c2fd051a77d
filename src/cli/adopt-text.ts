import type { AdoptOutcome } from "../accounts/adopt/apply.ts";
import type { CommitOutcome } from "../accounts/adopt/commit.ts";
import type { PairCount } from "../accounts/adopt/model.ts";
import type { UndoOutcome } from "../accounts/adopt/undo.ts";
import type { Obstacle, PlanJson } from "./adopt-json.ts";

/** How many paths a list shows; `--json` has all. */
const SHOWN = 20;

/** `--dry-run` for people. Pure. `again` is the command without `--dry-run`. */
export function planText(plan: PlanJson, again: string): string {
  const lines = [
    ...plan.open.map(openText),
    ...(plan.slotMove === null
      ? []
      : [
          `${plan.slotMove.slot} becomes ${plan.slotMove.home}, the home of the first account; a link takes its place.`,
        ]),
    ...plan.pairs.flatMap(pairLines),
    ...totalLines(plan.pairs),
    ...problemLines(plan.problems),
    plan.ready ? `Nothing was changed. To do it: ${again}` : "Nothing was changed.",
  ];
  return `${lines.join("\n")}\n`;
}

function openText({ stamp, phase }: PlanJson["open"][number]): string {
  const then = {
    joining: "was interrupted: adopt goes on with it, adopt --undo takes it back",
    undoing: "is half undone: adopt --undo goes on",
    undone: "is undone: adopt --undo clears it away",
    done: "is done: adopt --commit deletes its originals, adopt --undo puts them back",
    committing: "is half committed: adopt --commit goes on",
    committed: "is committed: adopt --commit clears it away",
  };
  return `The adoption of ${stamp} ${then[phase]}.`;
}

function pairLines(count: PairCount): string[] {
  const { pair, files, directories, bytes, way, copyBytes } = count;
  const kinds = [
    { many: count.place, text: "new" },
    { many: count.present, text: "there already" },
    { many: count.longer, text: "longer than what is there" },
    { many: count.conflicts, text: "differ and are kept aside" },
    { many: count.left, text: "sockets, pipes or devices are left" },
  ];
  const parts = kinds.filter(({ many }) => many > 0);
  const how = way === "link" ? "by hard links" : `${bytesText(copyBytes)} copied to another disk`;
  return [
    `${pair.path} -> ${pair.target}`,
    `  files: ${countText(files)}, directories: ${countText(directories)}, ${bytesText(bytes)}, ${how}`,
    ...(parts.length === 0
      ? []
      : [`  ${parts.map(({ many, text }) => `${countText(many)} ${text}`).join(", ")}`]),
    ...listed(count.conflictPaths, count.conflicts).map((path) => `  differs: ${path}`),
  ];
}

function totalLines(counts: readonly PairCount[]): string[] {
  if (counts.length < 2) return [];
  const files = counts.reduce((sum, count) => sum + count.files, 0);
  const bytes = counts.reduce((sum, count) => sum + count.bytes, 0);
  return [`In all: ${countText(files)} files, ${bytesText(bytes)}.`];
}

/** What stands in the way, one line each. Pure. */
export function problemLines(problems: readonly Obstacle[]): string[] {
  return problems.map(({ code, text }) =>
    code === "nothingToAdopt" ? text : `In the way: ${text}`,
  );
}

/** What an adoption did. Pure. */
export function doneText(outcome: Extract<AdoptOutcome, { kind: "done" }>): string {
  const { results, backups, problems } = outcome;
  const conflicts = results.reduce((sum, { result }) => sum + result.conflicts, 0);
  const entries = results.reduce((sum, { result }) => sum + result.entries, 0);
  const aside = results.flatMap(({ result }) => result.conflictPaths);
  const lines = [
    `Adopted: ${countText(entries)} entries of ${results.length} private directories and files are shared now.`,
    ...listed(aside, conflicts).map((path) => `Kept beside one that differs: ${path}`),
    ...problems.map((problem) => `Still missing: ${problem}`),
    ...backups.map((path) => `The originals are in ${path}`),
    "claude-failover adopt --undo puts them back; claude-failover adopt --commit deletes them for good.",
  ];
  return `${lines.join("\n")}\n`;
}

/** What an undo did. Pure. */
export function undoneText(outcome: Extract<UndoOutcome, { kind: "undone" }>): string {
  const kept = listed(outcome.keptPaths, outcome.kept).map(
    (path) => `Written since, so it stays shared: ${path}`,
  );
  const lines = [`The adoption of ${outcome.stamp} is undone: every original is back.`, ...kept];
  return `${lines.join("\n")}\n`;
}

/** What a commit did. Pure. */
export function committedText(outcome: Extract<CommitOutcome, { kind: "committed" }>): string {
  const { stamps, deleted } = outcome;
  return `Committed ${stamps.join(", ")}: ${countText(deleted)} originals are deleted.\n`;
}

function listed(paths: readonly string[], count: number): string[] {
  const rest = count - Math.min(SHOWN, paths.length);
  return [...paths.slice(0, SHOWN), ...(rest > 0 ? [`… and ${countText(rest)} more`] : [])];
}

/** A number with separators. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** Bytes in the unit that people read. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit += 1) value /= 1000;
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}
