import { wrapped } from "../top/text.ts";
import { COMMON, type Options, type Verb } from "./verb.ts";

/** The list of verbs, in groups by title: their names. */
export function generalHelp(
  verbs: readonly Verb[],
  groups: Readonly<Record<string, readonly string[]>>,
  version: string,
): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  const lines = Object.entries(groups).flatMap(([title, names]) => [
    `${title}:`,
    ...verbs
      .filter(({ name }) => names.includes(name))
      .toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
      .flatMap(({ name, summary }) => described(name.padEnd(width), summary)),
    "",
  ]);
  return [
    `claude-failover ${version}`,
    "Keeps a fleet of Claude Code sessions going when an account reaches its limit.",
    "",
    "Usage: claude-failover <command> [options]",
    "",
    ...lines,
    "claude-failover <command> --help says more. Exit status: 0 done, 1 fault,",
    "2 usage, 3 nothing to do, 4 refused, 5 held: a person is needed.",
    "",
  ].join("\n");
}

/** One verb: how it is called, its options, examples. */
export function verbHelp(verb: Verb): string {
  const operands = verb.operands === "" ? "" : ` ${verb.operands}`;
  return [
    `Usage: claude-failover ${verb.name}${operands} [options]`,
    "",
    ...wrapped(verb.summary, COLUMNS),
    "",
    "Options:",
    ...optionLines({ ...verb.options, ...COMMON }),
    "",
    "Examples:",
    ...verb.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

function optionLines(options: Options): string[] {
  const heads = Object.entries(options).map(([name, { short, value, help }]) => {
    const letter = short === undefined ? "" : `-${short}, `;
    return { head: `${letter}--${name}${value === undefined ? "" : ` ${value}`}`, help };
  });
  const width = Math.max(...heads.map(({ head }) => head.length));
  return heads.flatMap(({ head, help }) => described(head.padEnd(width), help));
}

/** As wide as the narrowest terminal that is usual, wherever it goes. */
const COLUMNS = 80;

/** What something is called and what it is, the rest of a long text below its beginning. */
function described(head: string, text: string): string[] {
  const before = head.length + 4;
  return wrapped(text, COLUMNS - before).map(
    (line, index) => (index === 0 ? `  ${head}  ` : " ".repeat(before)) + line,
  );
}
