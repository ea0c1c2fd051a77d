import type { CatalogueEntry } from "./entry.ts";

export const CONFIG_ERRORS = {
  CF_CONFIG_MISSING: {
    exit: 2,
    recovery: "operator",
    hint: "Call claude-failover init to make one, or name it with --config.",
  },
  CF_CONFIG_UNREADABLE: { exit: 2, recovery: "operator", hint: "Check the file's owner and mode." },
  CF_CONFIG_INVALID: { exit: 2, recovery: "operator", hint: "Correct the lines named above." },
  CF_CONFIG_SOCKET_PATH: {
    exit: 2,
    recovery: "operator",
    hint: "Set XDG_RUNTIME_DIR or XDG_STATE_HOME to a folder with a shorter path.",
  },
} as const satisfies Record<string, CatalogueEntry>;
