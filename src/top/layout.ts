import type { TextOverlay } from "./model.ts";
import { widthOf, wrapped } from "./text.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines of the screen that a text does not get: header, blank, title, footer. */
const AROUND = 4;

/** Pure: a text's lines as they are broken on this screen, and how many are shown at a time. */
export function textLayout(
  { lines }: TextOverlay,
  { columns, rows }: Size,
): { lines: readonly string[]; fits: number } {
  const broken = lines.flatMap((line) => {
    if (line.trim() === "") return [""];
    const indent = " ".repeat(line.length - line.trimStart().length);
    return wrapped(line, columns - widthOf(indent)).map((part) => indent + part);
  });
  return { lines: broken, fits: Math.max(1, rows - AROUND) };
}
