import type { ParseArgsConfig } from "node:util";
import type { ExitStatus } from "../errors.ts";

/** One option of a verb, as `node:util` parses it, with what `--help` says of it. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What stands for the value in the help, for options of type string. */
  readonly value?: string;
  readonly help: string;
  /** The only values it takes; completed by the shells. */
  readonly choices?: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

/** What a verb is given. */
export interface Call {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
}

/** One verb of the command line; one file each. */
export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** The words after the options, e.g. `[account]`; empty for none. */
  readonly operands: string;
  /** How many words it takes at most. */
  readonly mostWords: number;
  /** The only first words it takes, where it takes one; completed by the shells. */
  readonly choices?: readonly string[];
  /** First words that scripts of ours say, and no shell offers. */
  readonly unoffered?: readonly string[];
  readonly options: Options;
  readonly examples: readonly string[];
  run(call: Call): Promise<ExitStatus>;
}

/** Options that every verb has. */
export const COMMON: Options = {
  config: { type: "string", value: "FILE", help: "the configuration file" },
  help: { type: "boolean", short: "h", help: "say this" },
};

export const JSON_OPTION: Options = {
  json: { type: "boolean", help: "print JSON as docs/json.md describes it" },
};

/** Of what is said about one slot. */
export const SESSION_OPTION: Options = {
  session: {
    type: "string",
    value: "SESSION",
    help: "only the own slot of this session (slot: own), with those of its group",
  },
};

export function parseConfigOf(options: Options): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [
      name,
      short === undefined ? { type } : { type, short },
    ]),
  );
}
