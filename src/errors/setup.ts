import type { CatalogueEntry } from "./entry.ts";

export const SETUP_ERRORS = {
  CF_SETUP_CONFIG: {
    exit: 2,
    recovery: "operator",
    hint: "Correct the configuration by hand, or move it away and call init again.",
  },
  CF_SETUP_CHANGED: {
    exit: 1,
    recovery: "operator",
    hint: "Look at what is there, then call init again.",
  },
  CF_SETUP_STOPPED: {
    exit: 3,
    recovery: "operator",
    hint: "claude-failover init --dry-run tells what it would do.",
  },
  CF_SETUP_ADOPT: {
    exit: 4,
    recovery: "operator",
    hint: "Do what is said above, then claude-failover adopt.",
  },
  CF_SETUP_SERVICE: {
    exit: 1,
    recovery: "operator",
    hint: "claude-failover service install --dry-run shows what it does.",
  },
} as const satisfies Record<string, CatalogueEntry>;
