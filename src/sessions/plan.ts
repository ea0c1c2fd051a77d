import type { PaneRow } from "../tmux/formats.ts";

/** Finds the pane of a session among those of one look. */
export type PaneFinder = (session: {
  readonly name: string;
  readonly paneId: string | null;
}) => PaneRow | null;

/**
 * Pure: the pane of a session. Once it is known (`paneId`) it is that one or none: an operator may
 * open others beside it. Before that, the one that carries our mark (`mark` is the name of the pane
 * option whose value is the session's name), else the first of the tmux session of exactly its name.
 * The panes are gone through once, however many sessions are asked for.
 */
export function paneFinder(panes: readonly PaneRow[], mark: string): PaneFinder {
  const byId = firstBy(panes, ({ paneId }) => paneId);
  const byMark = firstBy(panes, ({ options }) => options[mark]);
  const bySession = firstBy(panes, ({ sessionName }) => sessionName);
  return ({ name, paneId }) => {
    const known = paneId === null ? undefined : byId.get(paneId);
    const isOthers = known?.options[mark] !== undefined && known.options[mark] !== name;
    return (isOthers ? undefined : known) ?? byMark.get(name) ?? bySession.get(name) ?? null;
  };
}

function firstBy(
  panes: readonly PaneRow[],
  keyOf: (pane: PaneRow) => string | undefined,
): ReadonlyMap<string, PaneRow> {
  const found = new Map<string, PaneRow>();
  for (const pane of panes) {
    const key = keyOf(pane);
    if (key !== undefined && !found.has(key)) found.set(key, pane);
  }
  return found;
}
