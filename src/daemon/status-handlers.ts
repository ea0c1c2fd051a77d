import type { StatusJson } from "../api/contract.ts";
import { forensicHistory } from "../api/forensics.ts";
import type { StatusHandlers } from "../api/status-routes.ts";
import { usageJson } from "../api/usage-view.ts";
import { historyJson, statusJson } from "../api/view.ts";
import { rfc3339 } from "../policy/rfc3339.ts";
import { readHeld } from "../switchover/held.ts";
import { clientStatus } from "./client-versions.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { accountViews, configuredSessions, heardOf, isPaused, jitterMs } from "./observe.ts";
import { slotsSeen } from "./slots-seen.ts";

/** What the daemon tells of how things are and were. */
export function statusHandlers(options: HandlerOptions): StatusHandlers {
  const { store, version, clock } = options;
  return {
    status: () => daemonStatus(options),
    usage: (since) =>
      usageJson(
        options.config.accounts.map(({ name }) => ({
          name,
          rows: store.usage.recent(name, since),
        })),
      ),
    history: ({ id, limit }) => {
      if (id === null) return historyJson(store.switchovers.list(Math.min(limit, 1_000)));
      return forensicHistory(store, id, { version, now: clock.now() });
    },
  };
}

export function daemonStatus(options: HandlerOptions): StatusJson {
  const { config, store, clock, version, startedAt } = options;
  const rows = new Map(store.accounts.list().map((row) => [row.name, row]));
  return statusJson({
    daemon: {
      running: true,
      pid: process.pid,
      version,
      paused: isPaused(store),
      startedAt: rfc3339(startedAt),
    },
    slots: slotsSeen(config, store, (name) => store.periods.of(name).active()?.account ?? null),
    held: readHeld(store),
    config,
    client: clientStatus(store),
    accounts: accountViews(config, store, options.homes()).map((view) => ({
      view,
      row: rows.get(view.name),
      ...heardOf(store, view.name, clock.now()),
    })),
    sessions: configuredSessions(store, config),
    last: store.switchovers.latest(),
    jitterMs: jitterMs(store),
    now: clock.now(),
  });
}
