import { dirname } from "node:path";
import { checkTogether } from "./check.ts";
import type { Config } from "./config.ts";
import { issueProblems } from "./issues.ts";
import { absolutePath, slotsDirOf, type Env } from "./places.ts";
import type { PlacedProblem, Problem } from "./problem.ts";
import { resolveConfig } from "./resolve.ts";
import { configSchema } from "./schema.ts";
import { readYaml } from "./yaml.ts";

export type ParseOutcome =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly PlacedProblem[] };

export interface ParseOptions {
  readonly text: string;
  /** Absolute path of the file the text is from: relative paths count from its folder. */
  readonly file: string;
  /** The user's home, absolute. */
  readonly home: string;
  /** A path with every link on it followed, as far as it exists. */
  readonly realPath: (path: string) => string;
  /** Where our own state is said to lie; nothing of it counts else. */
  readonly env?: Env;
}

/** The configuration in a text, or every problem of it, top to bottom. Never throws. */
export function parseConfig(options: ParseOptions): ParseOutcome {
  const { text, file, home, realPath, env = {} } = options;
  const yaml = readYaml(text);
  if (!yaml.ok) return { ok: false, problems: inOrder(yaml.problems) };
  const { value, place } = yaml.content;
  if (value === null || value === undefined) return { ok: false, problems: [EMPTY] };

  const toPath = (written: string) => absolutePath({ text: written, home, base: dirname(file) });
  const at = (problem: Problem): PlacedProblem => ({
    ...place(problem.path, problem.at),
    wrong: problem.wrong,
    right: problem.right,
  });
  const parsed = configSchema.safeParse(value);
  const single = (parsed.error?.issues ?? [])
    .flatMap((issue) => issueProblems(issue, value, configSchema))
    .map(at);
  const together = checkTogether({ value, home, toPath, realPath }).map(at);
  const problems = [...yaml.content.problems, ...single, ...unlessPlaced(together, single)];
  if (parsed.success && problems.length === 0) {
    const slotsDir = slotsDirOf({ env, home });
    return { ok: true, config: resolveConfig({ written: parsed.data, file, home, slotsDir }) };
  }
  return { ok: false, problems: inOrder(problems) };
}

/** What a wrong value does to others is of no interest as long as it is wrong itself. */
function unlessPlaced(
  problems: readonly PlacedProblem[],
  known: readonly PlacedProblem[],
): PlacedProblem[] {
  const key = ({ line, column }: PlacedProblem) => `${line}:${column}`;
  const places = new Set(known.map(key));
  return problems.filter((problem) => !places.has(key(problem)));
}

const EMPTY: PlacedProblem = {
  line: 1,
  column: 1,
  wrong: "the file is empty",
  right: "list at least one account with a name and a home below accounts:",
};

function inOrder(problems: readonly PlacedProblem[]): PlacedProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
