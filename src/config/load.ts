import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FailoverError } from "../errors.ts";
import type { Config } from "./config.ts";
import { parseConfig } from "./parse.ts";
import { configPlace, type Env } from "./places.ts";
import { harmless, type PlacedProblem } from "./problem.ts";
import { readConfigFile } from "./read.ts";

/** A file that is wrong from end to end needs no thousand lines to say so. */
const MAX_PROBLEMS = 50;

/**
 * The checked configuration, complete and frozen. Which file: see `configPlace`.
 * Throws CF_CONFIG_MISSING, CF_CONFIG_UNREADABLE, or one CF_CONFIG_INVALID that lists every problem
 * as `file:line:column: what is wrong; what would be right`, one per line.
 */
export function loadConfig(options: {
  /** What `--config` named. */
  readonly path?: string | undefined;
  readonly env: Env;
  /** The user's home, absolute. */
  readonly home: string;
  /** What relative file names count from; the process's own folder when left out. */
  readonly cwd?: string | undefined;
}): Config {
  const { path, env, home, cwd = process.cwd() } = options;
  const place = configPlace({ path, env, home, cwd });
  const content = readConfigFile(place);
  if (!content.ok) throw invalid(place.file, [content.problem]);
  const outcome = parseConfig({ text: content.text, file: place.file, home, realPath, env });
  if (!outcome.ok) throw invalid(place.file, outcome.problems);
  return outcome.config;
}

function invalid(file: string, problems: readonly PlacedProblem[]): FailoverError {
  const name = harmless(file);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ line, column, wrong, right }) => `${name}:${line}:${column}: ${wrong}; ${right}`);
  const rest = problems.length - lines.length;
  const message = [`The configuration has ${count}:`, ...lines];
  if (rest > 0) message.push(`… and ${rest} more`);
  return new FailoverError("CF_CONFIG_INVALID", message.join("\n"), {
    details: { file, problems: problems.length, line: problems[0]?.line ?? 1 },
  });
}

/** Follows every link on the path; what does not exist yet is taken as written. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
