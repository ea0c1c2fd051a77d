import { nearest } from "../config/suggest.ts";
import { CATALOGUE, FailoverError } from "../errors.ts";
import { COMMON, parseConfigOf, type Call, type Verb } from "./verb.ts";

// An import of node:util makes all of it at once, 3 ms of what `status` may take.
const { parseArgs } = process.getBuiltinModule("node:util");

/** Pure: what the words after a verb ask of it, or that they ask for its help. Throws CF_CLI_USAGE. */
export function parseCall(verb: Verb, args: readonly string[]): Call | "help" {
  const options = { ...verb.options, ...COMMON };
  const { values, positionals } = parse(verb, args, options);
  if (values["help"] === true) return "help";
  if (positionals.length > verb.mostWords)
    throw usage(verb.name, `${positionals[verb.mostWords] ?? ""} is one word too many.`);
  const [word] = positionals;
  if (!(verb.unoffered ?? []).includes(word ?? ""))
    requireChoice(verb, { what: verb.name, given: word, choices: verb.choices });
  for (const [name, { choices }] of Object.entries(options))
    requireChoice(verb, { what: `--${name}`, given: values[name], choices });
  return { values: values as Call["values"], words: positionals };
}

function parse(verb: Verb, args: readonly string[], options: Verb["options"]) {
  try {
    return parseArgs({
      args: [...args],
      options: parseConfigOf(options),
      allowPositionals: true,
      strict: true,
    });
  } catch (thrown) {
    const named = args
      .filter((arg) => arg.startsWith("--"))
      .map((arg) => arg.slice(2).split("=")[0] ?? "");
    const wrong = named.find((name) => !Object.hasOwn(options, name));
    const near = wrong === undefined ? null : nearest(wrong, Object.keys(options));
    const message = thrown instanceof Error ? (thrown.message.split(". ")[0] ?? "") : "";
    throw usage(verb.name, near === null ? `${message}.` : `${message}. Did you mean --${near}?`);
  }
}

function requireChoice(
  verb: Verb,
  at: { what: string; given: unknown; choices: readonly string[] | undefined },
): void {
  const { what, given, choices } = at;
  if (choices === undefined || typeof given !== "string" || choices.includes(given)) return;
  const near = nearest(given, choices);
  const mean = near === null ? "" : ` Did you mean ${near}?`;
  const all = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(choices);
  throw usage(verb.name, `${what} takes ${all}, not ${given}.${mean}`);
}

/** The same error; one of usage that hints at nothing of its own hints at the help of its verb. */
export function hintingAt(verb: string, thrown: unknown): unknown {
  return thrown instanceof FailoverError &&
    thrown.code === "CF_CLI_USAGE" &&
    thrown.hint === CATALOGUE.CF_CLI_USAGE.hint
    ? usage(verb, thrown.message)
    : thrown;
}

function usage(verb: string, message: string): FailoverError {
  return new FailoverError("CF_CLI_USAGE", message, {
    hint: `See claude-failover ${verb} --help.`,
  });
}

/** The error for a verb that is none of `names`. */
export function unknownVerb(word: string, names: readonly string[]): FailoverError {
  const near = nearest(word, names);
  const mean = near === null ? "" : ` Did you mean ${near}?`;
  return new FailoverError("CF_CLI_USAGE", `There is no command ${word}.${mean}`);
}
