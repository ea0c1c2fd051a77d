import type { CatalogueEntry } from "./entry.ts";

export const DAEMON_ERRORS = {
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
  CF_DAEMON_ERROR: { exit: 1, recovery: "operator", hint: "Look at the daemon's log." },
  CF_DAEMON_BUSY: {
    exit: 1,
    recovery: "retry",
    hint: "Try again; if it stays so, look at the daemon's log.",
  },
} as const satisfies Record<string, CatalogueEntry>;
