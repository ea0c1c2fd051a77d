import {
  offerOfValue,
  offerOfWords,
  optionsOf,
  type Offer,
  type OfferKind,
} from "./completion-model.ts";
import type { Option, Verb } from "./verb.ts";

const KINDS: Readonly<Record<OfferKind, string>> = {
  accounts: "(claude-failover completion accounts 2>/dev/null)",
  sessions: "(claude-failover completion sessions 2>/dev/null)",
  files: "(__fish_complete_path (commandline -ct))",
  folders: "(__fish_complete_directories (commandline -ct))",
};

/** Where no command was written yet. */
const FIRST = `complete -c claude-failover -n '__claude_failover_is ""'`;

/** Pure: the completion for fish. */
export function fishCompletion(verbs: readonly Verb[]): string {
  return [
    "# fish completion for claude-failover",
    "complete -c claude-failover -f",
    // The command is the first word; later ones may be called as another command is (`service status`).
    "function __claude_failover_is",
    "  set -l words (commandline -opc)",
    '  test "$words[2]" = "$argv[1]"',
    "end",
    `${FIRST} -s h -l help -d 'list the commands'`,
    `${FIRST} -s V -l version -d 'print the version'`,
    `complete -c claude-failover -n '__claude_failover_is help' -a ${quoted(verbs.map(({ name }) => name).join(" "))}`,
    ...verbs.flatMap(verbLines),
    "",
  ].join("\n");
}

function verbLines(verb: Verb): string[] {
  const start = "complete -c claude-failover";
  const after = `${start} -n '__claude_failover_is ${verb.name}'`;
  const words = values(offerOfWords(verb));
  return [
    `${FIRST} -a ${verb.name} -d ${quoted(verb.summary)}`,
    ...optionsOf(verb).map((option) => `${after} ${optionFlags(option)}`),
    ...(words === "" ? [] : [`${after} -a ${quoted(words)}`]),
  ];
}

function optionFlags([name, option]: readonly [string, Option]): string {
  const short = option.short === undefined ? "" : `-s ${option.short} `;
  const offered = option.type === "string" ? values(offerOfValue(option)) : "";
  const value =
    option.type === "boolean" ? "" : offered === "" ? "-x " : `-x -a ${quoted(offered)} `;
  return `${short}-l ${name} ${value}-d ${quoted(option.help)}`;
}

function values({ words, kinds }: Offer): string {
  return [...words, ...kinds.map((kind) => KINDS[kind])].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
