/**
 * What an operator may not hand to the client, because a switchover stands on it being ours. Each
 * reason ends the sentence "… is refused because …". Flags: the client's own `--help`, 2.1.328.
 */

const IDENTITY = "claude-failover chooses each session's conversation itself";
const NOT_A_SESSION = "it does not start an interactive session in this terminal";

const FLAGS: Readonly<Record<string, string>> = {
  "--session-id": IDENTITY,
  "--resume": IDENTITY,
  "-r": IDENTITY,
  "--continue": IDENTITY,
  "-c": IDENTITY,
  "--fork-session": IDENTITY,
  "--from-pr": IDENTITY,
  "--teleport": IDENTITY,
  "--settings":
    "claude-failover passes its own; put yours in the settings.json of the account home",
  "--bare": "it ignores hooks and account logins",
  "--safe-mode": "it ignores hooks",
  "--print": NOT_A_SESSION,
  "-p": NOT_A_SESSION,
  "--bg": NOT_A_SESSION,
  "--background": NOT_A_SESSION,
  "--cloud": NOT_A_SESSION,
  "--desktop": NOT_A_SESSION,
  "--tmux": NOT_A_SESSION,
  "--version": NOT_A_SESSION,
  "-v": NOT_A_SESSION,
  "--help": NOT_A_SESSION,
  "-h": NOT_A_SESSION,
  "--": "options that claude-failover adds after it would be read as a prompt",
};

const OWN_LOGIN = "it overrides the login of every account, so a failover would change nothing";

const VARIABLES: Readonly<Record<string, string>> = {
  CLAUDE_CONFIG_DIR: "the slot decides which account a session uses",
  ANTHROPIC_API_KEY: OWN_LOGIN,
  ANTHROPIC_AUTH_TOKEN: OWN_LOGIN,
  CLAUDE_CODE_OAUTH_TOKEN: OWN_LOGIN,
};

/** The flag an argument starts with and why it is refused, or null when the argument is fine. */
export function refusedArgument(argument: string): { flag: string; why: string } | null {
  const flag = argument.split("=", 1)[0] ?? "";
  const why = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
  return why === undefined ? null : { flag, why };
}

/** Why a variable may not be set for the sessions, or null when it may. */
export function refusedVariable(name: string): string | null {
  return (Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined) ?? null;
}
