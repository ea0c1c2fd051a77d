import type { CatalogueEntry } from "./entry.ts";

export const SIMULATE_ERRORS = {
  CF_SIMULATE_TRACE: {
    exit: 2,
    recovery: "operator",
    hint: "Mend the named lines; docs/simulate.md describes the format.",
  },
  CF_SIMULATE_EXPORT: {
    exit: 1,
    recovery: "operator",
    hint: "Name another file; nothing is replaced.",
  },
  CF_SIMULATE_STOPPED: {
    exit: 1,
    recovery: "operator",
    hint: "Run it again; fewer --weeks take less time.",
  },
} as const satisfies Record<string, CatalogueEntry>;
