import { parseConfig } from "../../src/config/parse.ts";
import type { Config } from "../../src/config/config.ts";

/** The configuration in a text that lies at /home/op/conf/config.yaml, HOME being /home/op. */
export function configFrom(text: string): Config {
  const outcome = parse(text);
  if (!outcome.ok) throw new Error(problemsIn(text).join("\n"));
  return outcome.config;
}

/** Its problems as `line:column: what is wrong; what would be right`. */
export function problemsIn(text: string): string[] {
  const outcome = parse(text);
  if (outcome.ok) return [];
  return outcome.problems.map(
    ({ line, column, wrong, right }) => `${line}:${column}: ${wrong}; ${right}`,
  );
}

function parse(text: string) {
  const realPath = (path: string) => path;
  return parseConfig({ text, file: "/home/op/conf/config.yaml", home: "/home/op", realPath });
}
