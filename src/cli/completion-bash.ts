import {
  offerOfValue,
  offerOfWords,
  optionsOf,
  type Offer,
  type OfferKind,
} from "./completion-model.ts";
import type { Verb } from "./verb.ts";

const KINDS: Readonly<Record<OfferKind, string>> = {
  accounts: "_claude_failover_names accounts",
  sessions: "_claude_failover_names sessions",
  files: "compopt -o default",
  folders: "compopt -o dirnames",
};

/** Pure: the completion for bash 4.4 or newer. */
export function bashCompletion(verbs: readonly Verb[]): string {
  const names = verbs.map(({ name }) => name).join(" ");
  return `# bash completion for claude-failover
_claude_failover_names() {
  local names
  names=$(claude-failover completion "$1" 2>/dev/null) || return 0
  mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$names" -- "$cur")
}

_claude_failover_words() {
  mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_claude_failover() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _claude_failover_words '${names} help --help --version'
    return
  fi
  case $verb:$prev in
${verbs.flatMap(valueCases).join("\n")}
  esac
  case $verb:$cur in
    help:*) _claude_failover_words '${names}' ;;
${verbs.map(optionCase).join("\n")}
${verbs.flatMap(wordCase).join("\n")}
  esac
}

complete -F _claude_failover claude-failover
`;
}

function valueCases(verb: Verb): string[] {
  return optionsOf(verb)
    .filter(([, { type }]) => type === "string")
    .map(([name, option]) => {
      const short = option.short === undefined ? "" : ` | ${verb.name}:-${option.short}`;
      const offer = commands(offerOfValue(option));
      return `    ${verb.name}:--${name}${short}) ${[...offer, "return"].join("; ")} ;;`;
    });
}

function optionCase(verb: Verb): string {
  const names = optionsOf(verb).map(([name]) => `--${name}`);
  return `    ${verb.name}:-*) _claude_failover_words '${names.join(" ")}' ;;`;
}

function wordCase(verb: Verb): string[] {
  const offer = commands(offerOfWords(verb));
  return offer.length === 0 ? [] : [`    ${verb.name}:*) ${offer.join("; ")} ;;`];
}

function commands({ words, kinds }: Offer): string[] {
  const said = words.length === 0 ? [] : [`_claude_failover_words '${words.join(" ")}'`];
  return [...said, ...kinds.map((kind) => KINDS[kind])];
}
