import type { CatalogueEntry } from "./entry.ts";

export const SESSIONS_ERRORS = {
  CF_SESSION_UNKNOWN: {
    exit: 2,
    recovery: "operator",
    hint: "See claude-failover sessions for their names.",
  },
  CF_SESSION_GONE: {
    exit: 1,
    recovery: "operator",
    hint: "See claude-failover sessions for what it is; release starts one that was left alone.",
  },
  CF_SESSION_TERMINAL: {
    exit: 2,
    recovery: "operator",
    hint: "Call it from a terminal.",
  },
  CF_SESSION_LEFT: {
    exit: 4,
    recovery: "operator",
    hint: "Clear what stands in the way, or use --force.",
  },
} as const satisfies Record<string, CatalogueEntry>;
