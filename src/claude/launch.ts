import { join } from "node:path";
import { shellQuote } from "./shell-quote.ts";
import { statusLineSettings } from "./status-line-command.ts";

/** The hook events we listen to. `SessionStart` tells the id, the others how a turn went. */
const HOOK_EVENTS = [
  "SessionStart",
  "UserPromptSubmit",
  "Stop",
  "StopFailure",
  "Notification",
  "SessionEnd",
] as const;

/** How a conversation is begun: under an id chosen up front, or by resuming one that has a transcript. */
export type Conversation =
  | { readonly kind: "new"; readonly sessionId: string }
  | { readonly kind: "resume"; readonly sessionId: string };

/**
 * The client's argument list. An id that already has a transcript must be resumed: with
 * `--session-id` the client exits (client facts 21). The operator's own arguments come last.
 */
export function launchArgv(options: {
  command: string;
  conversation: Conversation;
  settingsFile: string;
  args: readonly string[];
}): string[] {
  const { command, conversation, settingsFile, args } = options;
  const flag = conversation.kind === "new" ? "--session-id" : "--resume";
  return [command, flag, conversation.sessionId, "--settings", settingsFile, ...args];
}

/** A session's arguments with the model it is to work with; null leaves that to the client. */
export function argsWithModel(args: readonly string[], model: string | null): string[] {
  return model === null ? [...args] : [...args, "--model", model];
}

/**
 * What `permission_mode` of the hooks says and `--permission-mode` takes, in 2.1.150 and 2.1.328.
 * Not `auto` and `bypassPermissions`: a client can ask at its start whether it may (2.1.150 does for
 * `auto`), and would wait for a person; and nothing is to be allowed that nobody configured.
 */
const PERMISSION_MODES = new Set(["acceptEdits", "default", "dontAsk", "plan"]);
const MODE_FLAG = "--permission-mode";
/** Counts more than the mode that is asked for beside it. */
const SKIP_FLAG = "--dangerously-skip-permissions";

/**
 * Pure: a session's arguments with the permission mode that its client told last, for resuming it as
 * it was. A mode that we do not know is not passed on: the client would not start with it.
 */
export function argsInMode(args: readonly string[], mode: string | null): readonly string[] {
  if (mode === null || !PERMISSION_MODES.has(mode) || args.includes(SKIP_FLAG)) return args;
  const asked = args.findLast(
    (arg, index) => args[index - 1] === MODE_FLAG || arg.startsWith(`${MODE_FLAG}=`),
  );
  if (asked === mode || asked === `${MODE_FLAG}=${mode}`) return args;
  const kept = args.filter(
    (arg, index) =>
      arg !== MODE_FLAG && !arg.startsWith(`${MODE_FLAG}=`) && args[index - 1] !== MODE_FLAG,
  );
  return [MODE_FLAG, mode, ...kept];
}

/**
 * Settings for one session, given with `--settings`: they add to the operator's own and write
 * nothing to disk (client facts 19). Every event is written to a file of the spool directory, which
 * costs no listener and outlives a stopped daemon; an `http` hook would show an error in the session
 * while nobody listens (docs/adr/0001). `directories`: what the conversation may work in besides its
 * folder. Given as `--add-dir` a client asks before it starts, and waits for a person (2.1.332).
 */
export function sessionSettings(options: {
  session: string;
  spoolDir: string;
  settingsDir: string;
  directories?: readonly string[];
}): object {
  const { directories = [] } = options;
  const hooks = Object.fromEntries(
    HOOK_EVENTS.map((event) => [
      event,
      [{ hooks: [{ type: "command", command: spoolCommand({ ...options, event }) }] }],
    ]),
  );
  return {
    hooks,
    statusLine: statusLineSettings(options),
    ...(directories.length === 0 ? {} : { permissions: { additionalDirectories: directories } }),
  };
}

/**
 * The shell line that stores one payload as `<session>.<event>.<pid>`. It always succeeds: a hook
 * that exits with 2, as `sh` does when a redirection fails, would block the operator's prompt.
 */
function spoolCommand(options: { session: string; spoolDir: string; event: string }): string {
  const file = join(options.spoolDir, `${options.session}.${options.event}.`);
  return `{ cat >${shellQuote(file)}"$$"; } 2>/dev/null || :`;
}

/** The session a spool file belongs to, or null for a file that no hook of ours wrote. */
export function sessionOfSpoolFile(fileName: string): string | null {
  const match = /^(?<session>.+)\.(?<event>[A-Za-z]+)\.\d+$/.exec(fileName);
  return match?.groups?.session ?? null;
}

/**
 * Variables that would make a client believe it runs inside another one, or under another account,
 * or that are between the service manager and the daemon.
 */
const NOT_INHERITED = [
  "CLAUDECODE",
  "CLAUDE_CODE_ENTRYPOINT",
  "CLAUDE_CODE_SSE_PORT",
  "CLAUDE_CODE_SESSION_ID",
  "CLAUDE_CONFIG_DIR",
  "TMUX",
  "TMUX_PANE",
  "NOTIFY_SOCKET",
  "WATCHDOG_PID",
  "WATCHDOG_USEC",
  "INVOCATION_ID",
  "JOURNAL_STREAM",
] as const;

/** The daemon's environment less what must not leak into a session: what a new tmux server gets. */
export function inheritedEnv(
  daemonEnv: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = Object.entries(daemonEnv).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !NOT_INHERITED.some((name) => name === entry[0]),
  );
  return Object.fromEntries(kept);
}

/** The variable that names a client its config directory. */
export const CONFIG_DIR = "CLAUDE_CONFIG_DIR";

/** No conversation is so long (tokens) that the client would offer to resume it from a summary. */
const NEVER_OFFERED = "1000000000";

/**
 * What a session is given as its config directory. On macOS a link switches no login (client facts
 * 10), so that there it is the account's own home.
 */
export function configDirOf(options: {
  platform: string;
  slot: string;
  accountHome: string;
}): string {
  return options.platform === "darwin" ? options.accountHome : options.slot;
}

/**
 * What every session is given on top, whatever environment its tmux server was started with.
 * `CLAUDE_CONFIG_DIR` only where the slot is not the client's default `~/.claude`. A turn that was
 * cut off is continued by us alone (client facts 23). Without the agent view: one ← in an empty composer
 * moves the conversation, under another id, into a process that outlives its pane, where it cannot be
 * resumed (2.1.332). `keepsAll`: a long conversation is resumed whole, without the client's offer to
 * take a summary of it (2.1.328: above 100,000 tokens).
 */
export function sessionEnv(options: {
  path: string;
  home: string;
  slot: string;
  keepsAll: boolean;
  extra: Readonly<Record<string, string>>;
}): Record<string, string> {
  const { path, home, slot, keepsAll, extra } = options;
  const isDefault = slot === join(home, ".claude");
  return {
    HOME: home,
    PATH: path,
    ...(isDefault ? {} : { [CONFIG_DIR]: slot }),
    CLAUDE_CODE_RESUME_INTERRUPTED_TURN: "0",
    CLAUDE_CODE_DISABLE_AGENT_VIEW: "1",
    ...(keepsAll ? { CLAUDE_CODE_RESUME_TOKEN_THRESHOLD: NEVER_OFFERED } : {}),
    ...extra,
  };
}
