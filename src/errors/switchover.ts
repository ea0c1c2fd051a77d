import type { CatalogueEntry } from "./entry.ts";

export const SWITCHOVER_ERRORS = {
  CF_SWITCHOVER_NO_CANDIDATE: {
    exit: 4,
    recovery: "operator",
    hint: "claude-failover status names what stands against each account.",
  },
  CF_SWITCHOVER_LOCKED: {
    exit: 4,
    recovery: "retry",
    hint: "Try again when that process is done with it.",
  },
  CF_SWITCHOVER_SAME_ACCOUNT: {
    exit: 3,
    recovery: "operator",
    hint: "Name another account; claude-failover status lists them.",
  },
  CF_SWITCHOVER_UNKNOWN_ACCOUNT: {
    exit: 2,
    recovery: "operator",
    hint: "claude-failover status lists the accounts.",
  },
  CF_SWITCHOVER_OPEN: {
    exit: 4,
    recovery: "retry",
    hint: "Wait until it has ended; claude-failover history shows it.",
  },
  CF_SWITCHOVER_PAUSED: {
    exit: 4,
    recovery: "operator",
    hint: "claude-failover resume ends the pause.",
  },
  CF_SWITCHOVER_COOLDOWN: {
    exit: 4,
    recovery: "retry",
    hint: "Wait, or ask for it by hand: claude-failover switchover.",
  },
  CF_SWITCHOVER_DISAGREE: {
    exit: 4,
    recovery: "operator",
    hint: "claude-failover recover records what the link says, or put the link back.",
  },
  CF_SWITCHOVER_OUTDATED: {
    exit: 4,
    recovery: "retry",
    hint: "Another switchover was faster; look at claude-failover status, then ask again.",
  },
  CF_SWITCHOVER_LOCK_LOST: {
    exit: 4,
    recovery: "retry",
    hint: "The process was stopped for too long; try again.",
  },
  CF_SWITCHOVER_UNVERIFIED: {
    exit: 1,
    recovery: "rollback",
    hint: "The link is where it was; claude-failover doctor looks at the account.",
  },
  CF_SWITCHOVER_STOPPED: {
    exit: 4,
    recovery: "retry",
    hint: "The daemon was told to stop; nothing was flipped.",
  },
  CF_SWITCHOVER_HELD: {
    exit: 5,
    recovery: "operator",
    hint: "Mend what is named, then run claude-failover recover.",
  },
} as const satisfies Record<string, CatalogueEntry>;
