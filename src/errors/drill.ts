import type { CatalogueEntry } from "./entry.ts";

export const DRILL_ERRORS = {
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
} as const satisfies Record<string, CatalogueEntry>;
