import type { CatalogueEntry } from "./entry.ts";

export const API_ERRORS = {
  CF_API_REQUEST: { exit: 2, recovery: "operator", hint: "See docs/api.md." },
  CF_API_SOCKET: {
    exit: 1,
    recovery: "operator",
    hint: "Look at what lies there and move it away, then start again.",
  },
  CF_API_LISTEN: {
    exit: 1,
    recovery: "operator",
    hint: "Choose another port in api.listen, or null for none.",
  },
  CF_API_NO_TOKEN: {
    exit: 2,
    recovery: "operator",
    hint: "Put a random token into that variable, or set api.listen to null.",
  },
  CF_API_NO_PAGE: {
    exit: 2,
    recovery: "operator",
    hint: "Set api.listen, like 127.0.0.1:8765, and a token (docs/api.md).",
  },
  CF_API_TOKEN: { exit: 4, recovery: "operator", hint: "Send Authorization: Bearer TOKEN." },
  CF_API_FOREIGN: {
    exit: 4,
    recovery: "operator",
    hint: "Ask from this machine, by a loopback name.",
  },
  CF_API_RATE: { exit: 4, recovery: "retry", hint: "Wait a second and ask again." },
} as const satisfies Record<string, CatalogueEntry>;
