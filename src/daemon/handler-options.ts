import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Janitor } from "../janitor/janitor.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { Store } from "../store/store.ts";
import type { Panes } from "../tmux/panes.ts";
import type { Core } from "./core.ts";
import type { Dispatching } from "./dispatching.ts";
import type { Keeper } from "./keeper.ts";
import type { HomeLook } from "./observe.ts";
import type { Pulse } from "./pulse.ts";

/** What the answers to the API are made from. */
export interface HandlerOptions {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly core: Core;
  readonly keeper: Keeper;
  readonly panes: Panes;
  readonly homes: () => ReadonlyMap<string, HomeLook>;
  readonly version: string;
  readonly startedAt: number;
  readonly dispatching: Dispatching;
  readonly pulse: Pulse;
  readonly janitor: Janitor;
  readonly notifier: Notifier;
  readonly tmuxConnected: () => boolean;
}
