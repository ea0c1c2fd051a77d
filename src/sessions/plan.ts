import type { PaneRow } from "../tmux/formats.ts";

/**
 * Pure: the pane of a session. Once it is known (`paneId`) it is that one or none: an operator may
 * open others beside it. Before that, the one that carries our mark (`mark` is the name of the pane
 * option whose value is the session's name), else the first of the tmux session of exactly its name.
 */
export function paneOf(
  panes: readonly PaneRow[],
  session: { readonly name: string; readonly paneId: string | null },
  mark: string,
): PaneRow | null {
  const { name, paneId } = session;
  const known = panes.find((pane) => pane.paneId === paneId);
  const isOthers = known?.options[mark] !== undefined && known.options[mark] !== name;
  return (
    (isOthers ? undefined : known) ??
    panes.find((pane) => pane.options[mark] === name) ??
    panes.find((pane) => pane.sessionName === name) ??
    null
  );
}
