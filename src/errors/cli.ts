import type { CatalogueEntry } from "./entry.ts";

export const CLI_ERRORS = {
  CF_CLI_USAGE: { exit: 2, recovery: "operator", hint: "See claude-failover --help." },
  CF_CLI_EXPORT: { exit: 1, recovery: "operator", hint: "Name a file that is not there yet." },
} as const satisfies Record<string, CatalogueEntry>;
