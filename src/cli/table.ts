import { widthOf } from "../top/text.ts";

/** How standard output shows things: its colour, its width (null: no terminal), and the time. */
export interface Look {
  readonly color: boolean;
  readonly now: number;
  readonly columns: number | null;
}

export type Paint = (kind: "good" | "warn" | "bad" | "dim", text: string) => string;

export function painter(color: boolean): Paint {
  const codes = { good: 32, warn: 33, bad: 31, dim: 2 };
  return (kind, text) => (color ? `\u001b[${codes[kind]}m${text}\u001b[0m` : text);
}

/** A duration in its two largest units; `ms` are milliseconds. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

type Cut = (text: string, width: number) => string;

/** Columns as wide as their widest cell; colour does not count. The last one is cut to what is left. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, cut }: { columns: number; cut: Cut },
): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) =>
    Math.max(...all.map((row) => widthOf(row[column] ?? ""))),
  );
  const taken = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const left = Math.max(LEAST_LAST, columns - taken);
  return all
    .map((row) => {
      const last = row.at(-1) ?? "";
      const cells = [...row.slice(0, -1), widthOf(last) > left ? cut(last, left) : last];
      return cells
        .map(
          (cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))),
        )
        .join(GAP)
        .trimEnd();
    })
    .join("\n");
}

const GAP = "  ";
const LEAST_LAST = 9;

/**
 * A text of lines that a person reads on a terminal of `columns` (null: on none): each is broken where
 * it must be, the rest of it set in further than its beginning.
 */
export function fitted(text: string, columns: number | null): string {
  const lines = text.split("\n").flatMap((line) => {
    const indent = line.length - line.trimStart().length;
    return wrapped(line, columns ?? Infinity, indent + 2);
  });
  return lines.join("\n");
}

/** A line broken at blanks, what follows under its column `indent`; colour does not count. */
export function wrapped(line: string, columns: number, indent = 2): string[] {
  if (widthOf(line) <= columns) return [line];
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (widthOf(last) + 1 + widthOf(word) <= columns)
      lines.push(`${lines.pop() ?? ""} ${word}`);
    else lines.push(" ".repeat(indent) + word);
  }
  return lines;
}
