import {
  offerOfValue,
  offerOfWords,
  optionsOf,
  type Offer,
  type OfferKind,
} from "./completion-model.ts";
import type { Option, Verb } from "./verb.ts";

const KINDS: Readonly<Record<OfferKind, string>> = {
  accounts: "_claude_failover_names accounts",
  sessions: "_claude_failover_names sessions",
  files: "_files",
  folders: "_files -/",
};

/** Pure: the completion for zsh, as a file on fpath or evaluated. */
export function zshCompletion(verbs: readonly Verb[]): string {
  const told = verbs.map(({ name, summary }) => `    ${quoted(`${name}:${plain(summary)}`)}`);
  return `#compdef claude-failover
_claude_failover_names() {
  local -a names
  names=(\${(f)"$(claude-failover completion $1 2>/dev/null)"})
  (($#names)) && compadd -a names
}

_claude-failover() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a verbs=(
${told.join("\n")}
  )
  _arguments -C '(-)'{-h,--help}'[list the commands]' '(-)'{-V,--version}'[print the version]' \\
    '1: :->verb' '*:: :->rest'
  case $state in
    verb) _describe -t commands command verbs ;;
    rest)
      case $words[1] in
        help) _describe -t commands command verbs ;;
${verbs.map(verbCase).join("\n")}
      esac ;;
  esac
}

if [[ $funcstack[1] == _claude-failover ]]; then
  _claude-failover "$@"
else
  compdef _claude-failover claude-failover
fi
`;
}

function verbCase(verb: Verb): string {
  const specs = [...optionsOf(verb).map(optionSpec), ...wordSpec(verb)];
  return `        ${verb.name}) _arguments ${specs.join(" ")} ;;`;
}

function optionSpec([name, option]: readonly [string, Option]): string {
  const help = plain(option.help);
  const value =
    option.type === "boolean" ? "" : `:${option.value ?? ""}:${action(offerOfValue(option))}`;
  const long = quoted(`--${name}${value === "" ? "" : "="}[${help}]${value}`);
  if (option.short === undefined) return long;
  return `${long} ${quoted(`-${option.short}[${help}]${value}`)}`;
}

function wordSpec(verb: Verb): string[] {
  if (verb.mostWords === 0) return [];
  const offer = offerOfWords(verb);
  const label = plain(verb.operands.replaceAll(/[[\]<>…]/g, "")).replaceAll("|", " or ");
  return [quoted(`*:${label}:${action(offer)}`)];
}

/** What zsh does to complete: in brackets words, in braces commands; a blank offers nothing. */
function action({ words, kinds }: Offer): string {
  if (kinds.length === 0) return words.length === 0 ? " " : `(${words.join(" ")})`;
  const said = words.length === 0 ? [] : [`compadd ${words.join(" ")}`];
  return `{${[...said, ...kinds.map((kind) => KINDS[kind])].join("; ")}}`;
}

/** A text without what zsh reads in a specification. */
function plain(text: string): string {
  return text.replaceAll(/[[\]]/g, "").replaceAll(":", ",").replace(/\.$/, "");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
