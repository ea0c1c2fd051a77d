import type { CatalogueEntry } from "./entry.ts";

export const STORE_ERRORS = {
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
} as const satisfies Record<string, CatalogueEntry>;
