import type { CatalogueEntry } from "./entry.ts";

export const INTERNAL_ERRORS = {
  CF_INTERNAL: {
    exit: 1,
    recovery: "operator",
    hint: "This is a defect. Please report it with the output of claude-failover doctor.",
  },
} as const satisfies Record<string, CatalogueEntry>;
