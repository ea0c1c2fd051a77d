/** Exit statuses of the command line, and with them of every error (design: Command line). */
export const EXIT = { done: 0, fault: 1, usage: 2, nothingToDo: 3, refused: 4, held: 5 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** What brings the product out of an error: trying again, undoing, or a person. */
export type Recovery = "retry" | "rollback" | "operator";

interface CatalogueEntry {
  readonly exit: ExitStatus;
  readonly recovery: Recovery;
  /** What to do next, where the place that throws knows nothing more exact. */
  readonly hint: string;
}

/**
 * Every error the product can report, grouped by the folder that owns it. `docs/errors.md` explains
 * each one; a test compares the two in both directions.
 */
export const CATALOGUE = {
  CF_CONFIG_MISSING: {
    exit: 2,
    recovery: "operator",
    hint: "Write one (README, The real thing) or name it with --config.",
  },
  CF_CONFIG_UNREADABLE: { exit: 2, recovery: "operator", hint: "Check the file's owner and mode." },
  CF_CONFIG_INVALID: { exit: 2, recovery: "operator", hint: "Correct the lines named above." },
  CF_CONFIG_SOCKET_PATH: {
    exit: 2,
    recovery: "operator",
    hint: "Set XDG_RUNTIME_DIR or XDG_STATE_HOME to a folder with a shorter path.",
  },
  CF_CLI_USAGE: { exit: 2, recovery: "operator", hint: "See claude-failover --help." },
  CF_ACCOUNT_SHARED_ROOT: {
    exit: 2,
    recovery: "operator",
    hint: "Give shared.root as an absolute path, or one that starts with ~.",
  },
  CF_ACCOUNT_HOMES: {
    exit: 1,
    recovery: "operator",
    hint: "Mend what is named above; claude-failover adopt makes private directories shared.",
  },
  CF_ACCOUNT_ADOPT_READ: {
    exit: 1,
    recovery: "operator",
    hint: "Check owner and mode of what is named above; nothing was changed there.",
  },
  CF_ACCOUNT_ADOPT_MEANWHILE: {
    exit: 1,
    recovery: "retry",
    hint: "End what writes there and call adopt again, or adopt --undo.",
  },
  CF_ACCOUNT_ADOPT_VERIFY: {
    exit: 1,
    recovery: "retry",
    hint: "Check the disk, then call adopt again, or adopt --undo.",
  },
  CF_ACCOUNT_ADOPT_DISK: {
    exit: 1,
    recovery: "retry",
    hint: "Mend the disk (space, mode, mount), then call adopt again, or adopt --undo.",
  },
  CF_ACCOUNT_ADOPT_JOURNAL: {
    exit: 5,
    recovery: "operator",
    hint: "Keep that directory and the backups it names, and report it with its journal.jsonl.",
  },
  CF_ACCOUNT_ADOPT_HOME: {
    exit: 2,
    recovery: "operator",
    hint: "Name the home of a configured account, or add it to the configuration first.",
  },
  CF_ACCOUNT_ADOPT_STOPPED: {
    exit: 1,
    recovery: "retry",
    hint: "claude-failover adopt goes on where it stopped; adopt --undo takes it back.",
  },
  CF_ACCOUNT_LOCK: {
    exit: 1,
    recovery: "retry",
    hint: "Check owner, mode and free space of the account home and of the directory it lies in.",
  },
  CF_STORE_NEWER: {
    exit: 1,
    recovery: "operator",
    hint: "Run the newer claude-failover that wrote it, or name another state folder.",
  },
  CF_STORE_CORRUPT: {
    exit: 1,
    recovery: "operator",
    hint: "Move the file and its -wal and -shm aside and start again; transcripts are not in it.",
  },
  CF_STORE_UNWRITABLE: {
    exit: 1,
    recovery: "operator",
    hint: "Check the owner and the mode of the state folder, and that its disk is not read-only.",
  },
  CF_STORE_FULL: { exit: 1, recovery: "operator", hint: "Free some disk space." },
  CF_STORE_BUSY: {
    exit: 1,
    recovery: "retry",
    hint: "Another process writes to it; try again, or stop the other one.",
  },
  CF_STORE_FAILED: {
    exit: 1,
    recovery: "operator",
    hint: "See the cause; claude-failover doctor looks at the state folder.",
  },
  CF_CLIENT_STATE: {
    exit: 1,
    recovery: "operator",
    hint: "Look at the file; the client keeps dated copies beside it or under backups/.",
  },
  CF_CLIENT_MISSING: {
    exit: 1,
    recovery: "operator",
    hint: "Install Claude Code, or set claude.command in the configuration to its path.",
  },
  CF_ACCOUNT_IDENTITY: {
    exit: 4,
    recovery: "operator",
    hint: "Log the right account in there, or set the account's email in the configuration.",
  },
  CF_ACCOUNT_LOGGED_OUT: {
    exit: 4,
    recovery: "operator",
    hint: "Log in with CLAUDE_CONFIG_DIR=<home> claude auth login.",
  },
  CF_SWITCHOVER_NO_CANDIDATE: {
    exit: 4,
    recovery: "operator",
    hint: "claude-failover status names what stands against each account.",
  },
  CF_SWITCHOVER_LOCKED: {
    exit: 4,
    recovery: "retry",
    hint: "Try again when that process is done with it.",
  },
  CF_CLIENT_TRANSCRIPTS: {
    exit: 1,
    recovery: "retry",
    hint: "Check the owner and the mode of the path, and the limits fs.inotify.max_user_*.",
  },
  CF_CLIENT_SESSIONS: {
    exit: 1,
    recovery: "retry",
    hint: "Check the owner and the mode of the client's sessions directory.",
  },
  CF_SLOT_NOT_A_LINK: {
    exit: 1,
    recovery: "operator",
    hint: "Turn it into an account home first: claude-failover adopt --dry-run shows how.",
  },
  CF_SLOT_FOREIGN: {
    exit: 1,
    recovery: "operator",
    hint: "Point it at the home of a configured account, or add that home to the configuration.",
  },
  CF_DAEMON_RUNNING: {
    exit: 1,
    recovery: "operator",
    hint: "Use claude-failover status; stop that daemon first if you want another one.",
  },
  CF_DAEMON_LOG: {
    exit: 1,
    recovery: "operator",
    hint: "Name another file with --log-file, or check owner and mode of that one and its folder.",
  },
  CF_DAEMON_DOWN: { exit: 1, recovery: "operator", hint: "Start it with claude-failover run." },
  CF_API_REQUEST: { exit: 2, recovery: "operator", hint: "See docs/api.md." },
  CF_API_SOCKET: {
    exit: 1,
    recovery: "operator",
    hint: "Look at what lies there and move it away, then start again.",
  },
  CF_DAEMON_ERROR: { exit: 1, recovery: "operator", hint: "Look at the daemon's log." },
  CF_DAEMON_BUSY: {
    exit: 1,
    recovery: "retry",
    hint: "Try again; if it stays so, look at the daemon's log.",
  },
  CF_TMUX_MISSING: {
    exit: 1,
    recovery: "operator",
    hint: "Install tmux 3.2 or newer and make sure it is on the PATH.",
  },
  CF_TMUX_TOO_OLD: { exit: 1, recovery: "operator", hint: "Install tmux 3.2 or newer." },
  CF_TMUX_UNREACHABLE: {
    exit: 1,
    recovery: "retry",
    hint: "Check that the tmux socket belongs to this user and that tmux new-session works.",
  },
  CF_TMUX_DISCONNECTED: {
    exit: 1,
    recovery: "retry",
    hint: "The connection comes back by itself; try again.",
  },
  CF_TMUX_COMMAND: {
    exit: 1,
    recovery: "operator",
    hint: "See what tmux said above; tmux list-panes -a shows what it has.",
  },
  CF_TMUX_PASTE_FILE: {
    exit: 1,
    recovery: "retry",
    hint: "Check owner, mode and free space of the directory.",
  },
  CF_TMUX_ARGUMENT: { exit: 2, recovery: "operator", hint: "Remove the NUL character." },
  CF_TMUX_SESSION_NAME: {
    exit: 2,
    recovery: "operator",
    hint: "Use letters, digits, _ and -, beginning with a letter or digit.",
  },
  CF_SLOT_MISSING: {
    exit: 4,
    recovery: "operator",
    hint: "Start the daemon (claude-failover run): it makes the link.",
  },
  CF_SLOT_UNREADABLE: {
    exit: 1,
    recovery: "operator",
    hint: "Check the owner and the mode of the folder it lies in.",
  },
  CF_SLOT_CHANGED: {
    exit: 4,
    recovery: "retry",
    hint: "Something else moved the link at the same moment; look at it, then try again.",
  },
  CF_SLOT_OCCUPIED: {
    exit: 4,
    recovery: "operator",
    hint: "Nothing was replaced; look at what lies there.",
  },
  CF_SLOT_TARGET: {
    exit: 4,
    recovery: "operator",
    hint: "Check that the account's home exists and that its disk is mounted.",
  },
  CF_SLOT_UNWRITABLE: {
    exit: 1,
    recovery: "operator",
    hint: "Check the owner and the mode of the folder the link lies in, and that its disk is not read-only.",
  },
  CF_SLOT_FULL: { exit: 1, recovery: "operator", hint: "Free some disk space." },
  CF_SLOT_FAILED: {
    exit: 1,
    recovery: "operator",
    hint: "See the cause; claude-failover doctor looks at the link.",
  },
  CF_SLOT_MTIME: {
    exit: 4,
    recovery: "operator",
    hint: "Make .credentials.json of both homes regular files of your own, or log in again in one of them.",
  },
  CF_SWITCHOVER_SAME_ACCOUNT: {
    exit: 3,
    recovery: "operator",
    hint: "Name another account; claude-failover status lists them.",
  },
  CF_SWITCHOVER_UNKNOWN_ACCOUNT: {
    exit: 2,
    recovery: "operator",
    hint: "claude-failover status lists the accounts.",
  },
  CF_SWITCHOVER_OPEN: {
    exit: 4,
    recovery: "retry",
    hint: "Wait until it has ended; claude-failover history shows it.",
  },
  CF_SWITCHOVER_PAUSED: {
    exit: 4,
    recovery: "operator",
    hint: "claude-failover resume ends the pause.",
  },
  CF_SWITCHOVER_COOLDOWN: {
    exit: 4,
    recovery: "retry",
    hint: "Wait, or ask for it by hand: claude-failover switchover.",
  },
  CF_SWITCHOVER_DISAGREE: {
    exit: 4,
    recovery: "operator",
    hint: "claude-failover recover records what the link says, or put the link back.",
  },
  CF_SWITCHOVER_OUTDATED: {
    exit: 4,
    recovery: "retry",
    hint: "Another switchover was faster; look at claude-failover status, then ask again.",
  },
  CF_SWITCHOVER_LOCK_LOST: {
    exit: 4,
    recovery: "retry",
    hint: "The process was stopped for too long; try again.",
  },
  CF_SWITCHOVER_UNVERIFIED: {
    exit: 1,
    recovery: "rollback",
    hint: "The link is where it was; claude-failover doctor looks at the account.",
  },
  CF_SWITCHOVER_STOPPED: {
    exit: 4,
    recovery: "retry",
    hint: "The daemon was told to stop; nothing was flipped.",
  },
  CF_SWITCHOVER_HELD: {
    exit: 5,
    recovery: "operator",
    hint: "Mend what is named, then run claude-failover recover.",
  },
  CF_DRILL_STOPPED: {
    exit: 1,
    recovery: "operator",
    hint: "Run it again; nothing was left behind.",
  },
  CF_DRILL_STUCK: {
    exit: 1,
    recovery: "operator",
    hint: "Run the rehearsal again with --keep and look at its sessions.",
  },
  CF_DRILL_DAEMON: {
    exit: 1,
    recovery: "operator",
    hint: "Run the rehearsal again with --keep and look at the log.",
  },
  CF_DRILL_CLIENT: {
    exit: 1,
    recovery: "operator",
    hint: "Put claude on the PATH, go online, or use --agent stand-in.",
  },
  CF_DRILL_REAL_HOME: {
    exit: 1,
    recovery: "operator",
    hint: "Give the drill a folder of its own; it never runs in a home that somebody uses.",
  },
  CF_INTERNAL: {
    exit: 1,
    recovery: "operator",
    hint: "This is a defect. Please report it with the output of claude-failover doctor.",
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** Scalars that name what an error is about: paths, names, numbers. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

export interface FailoverErrorOptions {
  hint?: string;
  details?: ErrorDetails;
  cause?: unknown;
}

/** The one error shape: a stable code, one sentence of what happened, and what to do next. */
export class FailoverError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: FailoverErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "FailoverError";
    this.code = code;
    this.hint = options.hint ?? CATALOGUE[code].hint;
    this.details = options.details ?? {};
  }

  get recovery(): Recovery {
    return CATALOGUE[this.code].recovery;
  }

  get exitStatus(): ExitStatus {
    return CATALOGUE[this.code].exit;
  }
}

/** Any thrown thing as a FailoverError; an unknown one becomes CF_INTERNAL with the original as cause. */
export function asFailoverError(thrown: unknown): FailoverError {
  if (thrown instanceof FailoverError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new FailoverError("CF_INTERNAL", message, { cause: thrown });
}

/** The errno code (`ENOENT`, …) of a thrown system error, or undefined. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
