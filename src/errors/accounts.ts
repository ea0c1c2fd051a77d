import type { CatalogueEntry } from "./entry.ts";

export const ACCOUNTS_ERRORS = {
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
} as const satisfies Record<string, CatalogueEntry>;
