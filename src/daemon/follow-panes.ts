import type { TmuxClient } from "../tmux/client.ts";
import { DEAD_PANES } from "../tmux/watch.ts";
import type { Core } from "./core.ts";
import type { Keeper } from "./keeper.ts";
import type { Screens } from "./screens.ts";

/** What tmux tells by itself: sessions and windows that come and go, panes that died, words on screens. */
export function followTmux(
  tmux: TmuxClient,
  { core, keeper, screens }: { core: Core; keeper: Keeper; screens: Screens },
): void {
  const onPanes = (): void => void keeper.look();
  tmux.on("sessionsChanged", onPanes);
  tmux.on("windowClosed", onPanes);
  tmux.on("subscription", ({ name, value }) => {
    const taken = screens.shown(name, value);
    if (taken === null) onPanes();
    else core.background("screens", taken);
  });
  core.background("screens", screens.begin());
  tmux.on("reconnected", ({ serverRestarted }) => {
    if (serverRestarted) keeper.serverRestarted();
    else onPanes();
  });
  // A pane that stays when its program ends closes no window.
  core.background("panes", tmux.subscribe("cf-dead", DEAD_PANES));
}
