import { optionsOf } from "./completion-model.ts";
import type { Verb } from "./verb.ts";

/** Pure: the manual page, section 1, as `man` sets it. `date` is `YYYY-MM-DD`. */
export function manPage(
  verbs: readonly Verb[],
  { version, date }: { readonly version: string; readonly date: string },
): string {
  return [
    `.TH CLAUDE\\-FAILOVER 1 "${date}" "claude\\-failover ${roff(version)}" "User Commands"`,
    ".SH NAME",
    "claude\\-failover \\- keep Claude Code sessions going when an account reaches its usage limit",
    ".SH SYNOPSIS",
    ".B claude\\-failover",
    ".I command",
    "[options]",
    ".SH DESCRIPTION",
    "Keeps a fleet of Claude Code sessions in tmux, watches what they say about their requests, and",
    "moves all of them to another of the operator's accounts by replacing one link. It runs the",
    "unmodified client and opens no credential.",
    ".SH COMMANDS",
    ...verbs.flatMap(verbLines),
    ...CLOSING,
    "",
  ].join("\n");
}

function verbLines(verb: Verb): string[] {
  const operands = verb.operands === "" ? "" : ` ${verb.operands}`;
  return [
    `.SS claude\\-failover ${roff(verb.name + operands)} [options]`,
    line(verb.summary),
    ...optionsOf(verb).flatMap(([name, { short, value, help }]) => [
      ".TP",
      `.B ${short === undefined ? "" : `\\-${short}, `}\\-\\-${roff(name)}${value === undefined ? "" : ` \\fI${roff(value)}\\fR`}`,
      line(help),
    ]),
    ".PP",
    verb.examples.length === 1 ? "Example:" : "Examples:",
    ".PP",
    ".RS",
    ".nf",
    ...verb.examples.map(line),
    ".fi",
    ".RE",
  ];
}

const CLOSING = [
  ".SH EXIT STATUS",
  ...[
    ["0", "Done."],
    ["1", "A fault."],
    ["2", "It was called wrongly, or the configuration is wrong."],
    ["3", "There was nothing to do."],
    ["4", "It was refused: paused, no account may take over, or a cooldown runs."],
    ["5", "A switchover is held and needs a person."],
  ].flatMap(([status, text]) => [".TP", `.B ${status ?? ""}`, text ?? ""]),
  ".SH ENVIRONMENT",
  ...[
    ["CLAUDE_FAILOVER_CONFIG", "The configuration file, unless \\-\\-config names one."],
    ["CLAUDE_FAILOVER_TOKEN", "What callers of the TCP port must know (api.tokenEnv)."],
    ["NO_COLOR", "No colour, when it is not empty."],
  ].flatMap(([name, text]) => [".TP", `.B ${name ?? ""}`, text ?? ""]),
  ".SH FILES",
  ...[
    ["~/.config/claude\\-failover/config.yaml", "The configuration."],
    ["~/.local/state/claude\\-failover/", "Database, spool and log."],
    ["$XDG_RUNTIME_DIR/claude\\-failover/api.sock", "The daemon's socket."],
  ].flatMap(([path, text]) => [".TP", `.I ${path ?? ""}`, text ?? ""]),
];

/** A line of text; one that begins with a dot or an apostrophe is no request. */
function line(text: string): string {
  return /^[.']/.test(text) ? `\\&${roff(text)}` : roff(text);
}

function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...");
}
