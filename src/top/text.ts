import type * as width from "fast-string-width";
import { createRequire } from "node:module";

/** What the view is drawn for. */
export interface View {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  /** A time of the day, like `14:03:59`, of epoch milliseconds. */
  readonly timeOf: (at: number) => string;
}

/** How a piece of a line is shown where there is colour; its words say the same without. */
export type Tone = "plain" | "good" | "warn" | "bad" | "dim" | "head" | "chosen";

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

export function span(text: string, tone: Tone = "plain"): Span {
  return { text: harmless(text), tone };
}

/** What comes from elsewhere may move no cursor: control characters become blanks. */
function harmless(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

const require = createRequire(import.meta.url);
let stringWidth: ((text: string) => number) | undefined;

/** How many columns a text takes; colour takes none. */
export function widthOf(text: string): number {
  const plain = text.includes("\u001b") ? text.replaceAll(/\u001b\[[\d;]*m/g, "") : text;
  if (isAscii(plain)) return plain.length;
  // Loaded by the first text that needs it: status seldom does, and is to take no time.
  stringWidth ??= (require("fast-string-width") as typeof width).default;
  return stringWidth(plain);
}

/** A text in exactly `width` columns: filled with blanks, or cut with `…`. */
export function cell(text: string, width: number): string {
  const clean = harmless(text);
  const shown = widthOf(clean) <= width ? clean : cutEnd(clean, width);
  return shown + " ".repeat(Math.max(0, width - widthOf(shown)));
}

/** As much of a text's beginning as fits into `width` columns with the `…` that stands for the rest. */
export function cutEnd(text: string, width: number): string {
  return width <= 0 ? "" : `${longest(charactersOf(text), width - 1).join("")}…`;
}

/** The same of its end: paths differ there. */
export function cutStart(text: string, width: number): string {
  if (width <= 0) return "";
  return `…${longest(charactersOf(text).toReversed(), width - 1)
    .toReversed()
    .join("")}`;
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}

let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for one character each. */
function charactersOf(text: string): string[] {
  if (isAscii(text)) return text.split("");
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The first of these characters, as many as fit into `width` columns. */
function longest(characters: readonly string[], width: number): readonly string[] {
  let taken = 0;
  const end = characters.findIndex((each) => (taken += widthOf(each)) > width);
  return end < 0 ? characters : characters.slice(0, end);
}

const CODES: Readonly<Record<Tone, string>> = {
  plain: "",
  good: "\u001b[32m",
  warn: "\u001b[33m",
  bad: "\u001b[1;31m",
  dim: "\u001b[2m",
  head: "\u001b[1m",
  chosen: "\u001b[7m",
};

/** A line as the terminal takes it, in `columns` at most. */
export function painted(line: Line, columns: number, color: boolean): string {
  let left = columns;
  let out = "";
  for (const { text, tone } of line) {
    const width = widthOf(text);
    const shown = width <= left ? text : cell(text, left).trimEnd();
    left -= Math.min(width, left);
    out += color && tone !== "plain" ? `${CODES[tone]}${shown}\u001b[0m` : shown;
    if (left <= 0) break;
  }
  return color ? out : out.trimEnd();
}

/** A text in lines of `columns` at most, broken at blanks. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of harmless(text)
    .split(" ")
    .filter((each) => each !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A duration in its two largest units, as short as can be read: `45s`, `12m`, `1h40m`, `3d 4h`. */
export function shortSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h${String(minutes % 60).padStart(2, "0")}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}
