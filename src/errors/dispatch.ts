import type { CatalogueEntry } from "./entry.ts";

export const DISPATCH_ERRORS = {
  CF_DISPATCH_DEDICATED: {
    exit: 1,
    recovery: "operator",
    hint: "This is a defect: nothing was typed. Report it with the daemon's log.",
  },
  CF_DISPATCH_PROJECT: {
    exit: 2,
    recovery: "operator",
    hint: "Name one of the folders below dispatch.projects, or add it there.",
  },
  CF_DISPATCH_FILE: {
    exit: 2,
    recovery: "operator",
    hint: "Name a readable file, or - for standard input.",
  },
  CF_DISPATCH_REFUSED: {
    exit: 4,
    recovery: "operator",
    hint: "Correct what the sentence names, and dispatch it again.",
  },
  CF_DISPATCH_STOPPED: {
    exit: 1,
    recovery: "operator",
    hint: "See claude-failover tasks show with its number.",
  },
  CF_DISPATCH_STATE: {
    exit: 3,
    recovery: "operator",
    hint: "See claude-failover tasks show with its number.",
  },
} as const satisfies Record<string, CatalogueEntry>;
