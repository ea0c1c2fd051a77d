/** A step into the file: a key of a map or an index of a list. */
export type PathStep = string | number;

/** One thing that is wrong, before it is known where in the file it stands. */
export interface Problem {
  readonly path: readonly PathStep[];
  /** Whether the key or its value is at fault; a missing key is the fault of the map's value. */
  readonly at: "key" | "value";
  /** What is wrong, without a full stop. */
  readonly wrong: string;
  /** What would be right, without a full stop. */
  readonly right: string;
}

/** A problem with its place in the file, both counted from 1. */
export interface PlacedProblem {
  readonly line: number;
  readonly column: number;
  readonly wrong: string;
  readonly right: string;
}

/** Text that could be a secret pasted by mistake is not repeated; this is the longest that is. */
const SHOWN_LENGTH = 40;

/** `accounts[0].home`. */
export function pathText(path: readonly PathStep[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? harmless(step) : `${text}.${harmless(step)}`;
  }, "");
}

/** The value behind a path, or undefined when something on the way is missing. */
export function valueAt(value: unknown, path: readonly PathStep[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<PathStep, unknown>)[step];
  }
  return here;
}

/** The text in quotes, or only its length when it is long. */
export function shown(text: string): string {
  if (text.length > SHOWN_LENGTH) return `a text of ${text.length} characters`;
  return harmless(JSON.stringify(text));
}

/** Text from elsewhere without what would move a terminal's cursor or turn its direction of writing. */
export function harmless(text: string): string {
  return text.replace(
    /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same for a text of several lines, which stay. */
export function harmlessLines(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 0 ? harmless(part) : part))
    .join("");
}
