import type { HealthJson } from "../api/health-contract.ts";
import type { HealthHandlers } from "../api/health-routes.ts";
import { metricsText } from "../api/metrics-view.ts";
import { readHeld } from "../switchover/held.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { notifyJson } from "./notifying.ts";
import { isPaused } from "./observe.ts";
import { daemonStatus } from "./status-handlers.ts";

const BOUNDS_MS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/** What the daemon tells a monitoring system. */
export function healthHandlers(options: HandlerOptions): HealthHandlers {
  const { store, pulse } = options;
  return {
    health: () => healthOf(options),
    metrics: () =>
      metricsText({
        status: daemonStatus(options),
        switchovers: store.totals.switchovers(),
        continued: store.totals.continued(BOUNDS_MS),
        tasks: store.tasks.counts(),
        channels: notifyJson(options).channels,
        lastEvent: store.events.lastSeq(),
        healthy: healthOf(options).healthy,
        lastLookAt: pulse.lookedAt,
        loopLagMs: pulse.lagMs,
        residentBytes: process.memoryUsage.rss(),
      }),
  };
}

function healthOf({ store, pulse, tmuxConnected }: HandlerOptions): HealthJson {
  const grave = [
    ...(readHeld(store) === null ? [] : ["held"]),
    ...(pulse.isStale ? ["stale"] : []),
  ];
  const others = [
    ...(tmuxConnected() ? [] : ["tmux"]),
    ...(store.periods.active() === null ? ["noAccount"] : []),
  ];
  return {
    schema: 1,
    healthy: grave.length === 0,
    ready: grave.length === 0 && others.length === 0,
    problems: [...grave, ...others],
    paused: isPaused(store),
    lastLookMs: pulse.lastLookMs,
  };
}
