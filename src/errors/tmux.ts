import type { CatalogueEntry } from "./entry.ts";

export const TMUX_ERRORS = {
  CF_TMUX_MISSING: {
    exit: 1,
    recovery: "operator",
    hint: "Install tmux 3.2 or newer and make sure it is on the PATH.",
  },
  CF_TMUX_TOO_OLD: { exit: 1, recovery: "operator", hint: "Install tmux 3.2 or newer." },
  CF_TMUX_UNREACHABLE: {
    exit: 1,
    recovery: "retry",
    hint: "Check that the tmux socket belongs to this user and that tmux new-session works.",
  },
  CF_TMUX_DISCONNECTED: {
    exit: 1,
    recovery: "retry",
    hint: "The connection comes back by itself; try again.",
  },
  CF_TMUX_COMMAND: {
    exit: 1,
    recovery: "operator",
    hint: "See what tmux said above; tmux list-panes -a shows what it has.",
  },
  CF_TMUX_PASTE_FILE: {
    exit: 1,
    recovery: "retry",
    hint: "Check owner, mode and free space of the directory.",
  },
  CF_TMUX_ARGUMENT: { exit: 2, recovery: "operator", hint: "Remove the NUL character." },
  CF_TMUX_SESSION_NAME: {
    exit: 2,
    recovery: "operator",
    hint: "Use letters, digits, _ and -, beginning with a letter or digit.",
  },
} as const satisfies Record<string, CatalogueEntry>;
