import { hostname } from "node:os";
import type { NotifyJson } from "../api/notify-contract.ts";
import type { NotifyHandlers } from "../api/notify-routes.ts";
import type { StatusJson } from "../api/contract.ts";
import { rfc3339, type Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Env } from "../config/places.ts";
import type { Logger } from "../log.ts";
import { testChannels } from "../notify/attempt.ts";
import { channelsOf } from "../notify/channels.ts";
import { heartbeatNotice, heldNotice, releasedNotice, staleNotice } from "../notify/notices.ts";
import { Notifier } from "../notify/notifier.ts";
import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { readHeld } from "../switchover/held.ts";
import type { HandlerOptions } from "./handler-options.ts";
import { daemonStatus } from "./status-handlers.ts";

export interface NotifyingOptions {
  readonly config: Pick<Config, "notify">;
  /** The whole environment, with the secrets. */
  readonly env: Env;
  readonly home: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger | null;
}

/** The notifier as this machine has it. */
export function notifierOf(options: NotifyingOptions): Notifier {
  const { env, store, log } = options;
  const config = options.config.notify;
  return new Notifier({
    ...options,
    config,
    channels: channelsOf(config, env),
    host: hostname(),
    random: Math.random,
    onProblem: (channel, event, text) => {
      log?.warn({ channel, event, problem: text }, "a notification was given up");
      try {
        store.emit("notify.failed", { channel, event, text });
      } catch {
        // The store itself is at fault; the log has it.
      }
    },
  });
}

const LOOK_MS = 5_000;

/**
 * Watches what no event tells: the held state, whatever led to it, a loop that hangs, and the time.
 * Until the signal aborts; then it throws as sleeping does.
 */
export async function watchVitals(
  options: HandlerOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { notifier, clock, signal, pulse, core } = options;
  if (notifier.deliveries.length === 0) return;
  let wasStale = false;
  for (;;) {
    try {
      lookAtHeld(options);
      const { isStale } = pulse;
      if (isStale && !wasStale) notifier.tell(staleNotice());
      wasStale = isStale;
      // A loop that hangs is not well: then there is silence.
      if (!isStale) beat(options);
    } catch (thrown) {
      // A full disk, for one: what is to be told is told by the next look.
      core.onFault("vitals", thrown);
    }
    await clock.sleep(LOOK_MS, signal);
  }
}

function lookAtHeld({ notifier, store }: HandlerOptions): void {
  const held = readHeld(store);
  const told = store.meta.get(META.notifiedHeld);
  if (held !== null && told !== String(held.since)) {
    notifier.tell(heldNotice(held));
    store.meta.set(META.notifiedHeld, String(held.since));
  }
  if (held === null && told !== null) {
    notifier.tell(releasedNotice(Number(told)));
    store.meta.delete(META.notifiedHeld);
  }
}

function beat(options: HandlerOptions): void {
  const { notifier, store, clock } = options;
  const { heartbeatMs } = options.config.notify;
  if (heartbeatMs === null) return;
  const now = clock.now();
  const last = Number(store.meta.get(META.notifiedBeat) ?? 0);
  // A wall clock that went back must not silence it.
  if (last <= now && now - last < heartbeatMs) return;
  store.meta.set(META.notifiedBeat, String(now));
  const text = vitalText(daemonStatus(options), now + heartbeatMs);
  notifier.tell(heartbeatNotice(text, now));
}

/** Pure: the fleet in some lines, and when to worry. */
function vitalText(status: StatusJson, nextAt: number): string {
  const counts = new Map<string, number>();
  for (const { state } of status.sessions) counts.set(state, (counts.get(state) ?? 0) + 1);
  const sessions = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  const accounts = status.accounts.map(({ name, state }) => `${name} ${state}`).join(", ");
  return [
    `Active: ${status.activeAccount ?? "unknown"}. Accounts: ${accounts}.`,
    `Sessions: ${sessions === "" ? "none" : sessions}.${status.daemon.paused ? " Paused." : ""}`,
    `The next of these comes by ${rfc3339(nextAt)}; if none does, look.`,
  ].join("\n");
}

/** What the API is told of the channels. */
export function notifyHandlers(options: HandlerOptions): NotifyHandlers {
  const { notifier, clock } = options;
  return {
    notify: () => notifyJson(options),
    test: async (name) => {
      const channels = notifier.deliveries.map((each) => each.channel);
      const { signal } = new AbortController();
      const results = await testChannels(channels, { name, clock, signal, host: hostname() });
      return { schema: 1, results };
    },
  };
}

export function notifyJson({
  notifier,
  store,
}: Pick<HandlerOptions, "notifier" | "store">): NotifyJson {
  return {
    schema: 1,
    channels: notifier.deliveries.map(({ channel, counts }) => {
      const last = store.notifications.last(channel.name);
      return {
        channel: channel.name,
        events: [...channel.events],
        unusable: channel.unusable,
        waiting: store.notifications.waiting(channel.name),
        ...counts,
        last: last && {
          event: last.event,
          outcome: last.outcome,
          text: last.text,
          at: rfc3339(last.endedAt),
        },
      };
    }),
  };
}
