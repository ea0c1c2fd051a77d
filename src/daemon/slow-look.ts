import type { TranscriptWatch } from "../claude/transcript-watcher.ts";
import type { Places } from "../config/places.ts";
import type { Janitor } from "../janitor/janitor.ts";
import type { SpoolWatch } from "../sessions/spool.ts";
import type { Panes } from "../tmux/panes.ts";
import type { TmuxClient } from "../tmux/client.ts";
import { BackgroundDrill, type BackgroundDrillDeps } from "./background-drill.ts";
import type { Core } from "./core.ts";
import type { Dispatching } from "./dispatching.ts";
import { followTmux } from "./follow-panes.ts";
import type { HomesSeen } from "./homes.ts";
import type { Identities } from "./identities.ts";
import type { Keeper } from "./keeper.ts";
import { followMovedSlots } from "./moved-slot.ts";
import { Pool } from "./pool.ts";
import type { Pulse } from "./pulse.ts";
import { keepStatusLines } from "./readings.ts";
import { reconcileMissed } from "./reconcile.ts";
import { screensOf, type Screens } from "./screens.ts";
import { nameStuckStarts } from "./sessions.ts";
import { placesOf } from "./starting.ts";

/** How long after one look the next one begins. */
const SLOW_TIMER_MS = 5_000;

interface Options extends BackgroundDrillDeps {
  readonly place: Pick<Places, "settingsDir">;
  readonly signal: AbortSignal;
  readonly releases: AsyncDisposableStack;
}

/** Everything that is looked at. */
interface Looked {
  readonly core: Core;
  readonly panes: Panes;
  readonly tmux: TmuxClient;
  readonly watch: TranscriptWatch;
  readonly spool: SpoolWatch;
  readonly homes: HomesSeen;
  readonly identities: Identities;
  readonly dispatching: Dispatching;
  readonly keeper: Keeper;
  readonly pulse: Pulse;
  readonly janitor: Janitor;
}

/** A slow second look at everything that events tell, because an event can be missed. */
export function keepLooking(options: Options, looked: Looked): void {
  const { core, tmux, identities, keeper, pulse } = looked;
  const { store, clock, signal } = options;
  const where = { ...placesOf(options), fleet: core.fleet };
  const onNews = (): void => core.controller.evaluateSoon();
  const screens = screensOf({ ...options, ...looked, ...core, ...where, onNews });
  const onGrown = (): void => void keeper.look();
  const pool = new Pool({ ...options, ...looked, ...where, onGrown });
  const onTask = ({ type }: { readonly type: string }): void => {
    if (type === "task.queued" || type === "task.assigned") core.background("pool", pool.look());
  };
  options.releases.use(store.subscribe(onTask));
  const look = slowLook(options, looked, { screens, pool });
  const repeat = async (what: string, work: () => Promise<void>): Promise<void> => {
    // One look that fails must not be the last one.
    while (!signal.aborted) {
      await work().catch((thrown: unknown) => core.onFault(what, thrown));
      await clock.sleep(SLOW_TIMER_MS, signal);
    }
  };
  core.background("pulse", pulse.beat(signal));
  core.background("slow look", repeat("slow look", look));
  // By itself: a client that does not answer holds up nothing else.
  core.background(
    "identities",
    repeat("identities", async () => identities.refresh()),
  );
  followTmux(tmux, { core, keeper, screens });
}

/** One look, in the order in which a later part stands on what an earlier one saw. */
function slowLook(
  options: Options,
  looked: Looked,
  { screens, pool }: { screens: Screens; pool: Pool },
): () => Promise<void> {
  const { core, panes, tmux, watch, spool, homes, dispatching, keeper, pulse, janitor } = looked;
  const { store, config, clock, place } = options;
  const { projectsDir } = placesOf(options);
  const { settingsDir } = place;
  const lookAtClient = clientLook(options, core);
  return async () => {
    await homes.look();
    await lookAtClient();
    spool.rescan();
    watch.rescan();
    reconcileMissed(core.missed, { ...core, projectsDir });
    void keeper.look();
    if (tmux.connected) await nameStuckStarts({ panes, fleet: core.fleet, store, clock });
    if (tmux.connected) await screens.look();
    keepStatusLines(core.fleet, { config, settingsDir });
    janitor.look();
    await followMovedSlots({ config, store, switcher: core.switcher });
    await core.controller.recoverIfLeftOpen();
    core.controller.evaluate();
    dispatching.look();
    await pool.look();
    pulse.looked();
  };
}

/** Clients update themselves: a version that nobody certified is drilled in the background. */
function clientLook({ releases, ...options }: Options, core: Core): () => Promise<void> {
  const drill = new BackgroundDrill(options);
  releases.defer(async () => drill.stop());
  return async () => {
    await core.versions.look();
    const { uncertified } = core.versions;
    if (uncertified !== null) core.background("drill", drill.certify(uncertified));
  };
}
