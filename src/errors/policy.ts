import type { CatalogueEntry } from "./entry.ts";

export const POLICY_ERRORS = {
  CF_POLICY_NOT_DUE: {
    exit: 4,
    recovery: "operator",
    hint: "claude-failover why tells more; claude-failover switchover moves whatever the policy says.",
  },
} as const satisfies Record<string, CatalogueEntry>;
