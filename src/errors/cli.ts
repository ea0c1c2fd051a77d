import type { CatalogueEntry } from "./entry.ts";

export const CLI_ERRORS = {
  CF_CLI_USAGE: { exit: 2, recovery: "operator", hint: "See claude-failover --help." },
} as const satisfies Record<string, CatalogueEntry>;
