import type { CatalogueEntry } from "./entry.ts";

export const CLIENT_ERRORS = {
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
} as const satisfies Record<string, CatalogueEntry>;
