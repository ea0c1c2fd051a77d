import type { CatalogueEntry } from "./entry.ts";

export const API_ERRORS = {
  CF_API_REQUEST: { exit: 2, recovery: "operator", hint: "See docs/api.md." },
  CF_API_SOCKET: {
    exit: 1,
    recovery: "operator",
    hint: "Look at what lies there and move it away, then start again.",
  },
} as const satisfies Record<string, CatalogueEntry>;
