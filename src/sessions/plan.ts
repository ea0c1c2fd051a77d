import type { PaneRow } from "../tmux/formats.ts";
import type { WantedSession } from "./wanted.ts";

/** What to do about one wanted session at start. */
export type SessionAction =
  /** No tmux session has its name: make one. */
  | { readonly kind: "create"; readonly session: WantedSession }
  /** Its pane is there, its program ended: start the client in the same pane. */
  | {
      readonly kind: "respawn";
      readonly session: WantedSession;
      readonly pane: Pick<PaneRow, "paneId">;
      /** A client that runs in it is ended first. */
      readonly kill?: true;
    }
  /** It runs: leave it as it is and watch it. */
  | { readonly kind: "adopt"; readonly session: WantedSession; readonly pane: PaneRow };

/**
 * Pure: one action per wanted session. `mark` is the pane option that says which session of ours a
 * pane is; a session that the operator made under the same name is adopted, never restarted.
 */
export function planSessions(options: {
  wanted: readonly WantedSession[];
  panes: readonly PaneRow[];
  mark: string;
}): SessionAction[] {
  return options.wanted.map((session) => {
    const pane = findPane(options.panes, session.name, options.mark);
    if (pane === null) return { kind: "create", session };
    const ours = pane.options[options.mark] === session.name;
    return pane.dead && ours
      ? { kind: "respawn", session, pane }
      : { kind: "adopt", session, pane };
  });
}

/** The pane of a session: the one that carries our mark, else the first of the session's panes. */
export function findPane(panes: readonly PaneRow[], name: string, mark: string): PaneRow | null {
  return (
    panes.find((pane) => pane.options[mark] === name) ??
    panes.find((pane) => pane.sessionName === name) ??
    null
  );
}
