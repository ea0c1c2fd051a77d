import type { CatalogueEntry } from "./entry.ts";

export const SLOT_ERRORS = {
  CF_SLOT_NOT_A_LINK: {
    exit: 1,
    recovery: "operator",
    hint: "Turn it into an account home first: claude-failover adopt --dry-run shows how.",
  },
  CF_SLOT_FOREIGN: {
    exit: 1,
    recovery: "operator",
    hint: "Point it at the home of a configured account, or add that home to the configuration.",
  },
  CF_SLOT_MISSING: {
    exit: 4,
    recovery: "operator",
    hint: "Start the daemon (claude-failover run): it makes the link.",
  },
  CF_SLOT_SHARED: {
    exit: 4,
    recovery: "operator",
    hint: "Give it slot: own in the configuration and start its client anew; without --session all sessions of the shared slot move.",
  },
  CF_SLOT_UNREADABLE: {
    exit: 1,
    recovery: "operator",
    hint: "Check the owner and the mode of the folder it lies in.",
  },
  CF_SLOT_CHANGED: {
    exit: 4,
    recovery: "retry",
    hint: "Something else moved the link at the same moment; look at it, then try again.",
  },
  CF_SLOT_OCCUPIED: {
    exit: 4,
    recovery: "operator",
    hint: "Nothing was replaced; look at what lies there.",
  },
  CF_SLOT_TARGET: {
    exit: 4,
    recovery: "operator",
    hint: "Check that the account's home exists and that its disk is mounted.",
  },
  CF_SLOT_UNWRITABLE: {
    exit: 1,
    recovery: "operator",
    hint: "Check the owner and the mode of the folder the link lies in, and that its disk is not read-only.",
  },
  CF_SLOT_FULL: { exit: 1, recovery: "operator", hint: "Free some disk space." },
  CF_SLOT_FAILED: {
    exit: 1,
    recovery: "operator",
    hint: "See the cause; claude-failover doctor looks at the link.",
  },
  CF_SLOT_MTIME: {
    exit: 4,
    recovery: "operator",
    hint: "Make .credentials.json of both homes regular files of your own, or log in again in one of them.",
  },
} as const satisfies Record<string, CatalogueEntry>;
