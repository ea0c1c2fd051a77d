import type { Clock } from "../clock.ts";
import { RateLimit } from "../api/rate-limit.ts";
import { backoffMs } from "../policy/backoff.ts";
import type { NotifyConfig } from "../config/config.ts";
import type { NotificationRow } from "../store/notifications.ts";
import type { Store } from "../store/store.ts";
import { attempt } from "./attempt.ts";
import type { Channel, Message, Sent } from "./message.ts";

export interface DeliveryOptions {
  readonly channel: Channel;
  readonly config: NotifyConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onProblem: (channel: string, event: string, problem: string) => void;
}

const RETRY = { baseMs: 2_000, mostMs: 600_000 };
/** A message that could not be told for this long is given up. */
const GIVE_UP_MS = 24 * 3_600_000;
const LONGEST_WAIT_MS = 3_600_000;

/** Takes one channel's messages out of the queue, one at a time, as fast as the channel may be used. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #rate: RateLimit;
  readonly counts = { sent: 0, failed: 0, retried: 0 };
  #wake = Promise.withResolvers<void>();
  #idle = Promise.withResolvers<void>();
  #running: Promise<void> | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const { perMinute } = options.config;
    const { clock } = options;
    this.#rate = new RateLimit({ burst: perMinute, perSecond: perMinute / 60, clock });
  }

  get channel(): Channel {
    return this.#options.channel;
  }

  begin(): void {
    this.#running ??= this.#run();
  }

  /** There may be something to send. */
  look(): void {
    this.begin();
    this.#wake.resolve();
  }

  /** Resolves when nothing that is due is left. */
  async emptied(): Promise<void> {
    this.#idle = Promise.withResolvers<void>();
    this.look();
    await this.#idle.promise;
  }

  /** Resolves when it has let go, after its signal was aborted. */
  async ended(): Promise<void> {
    this.#wake.resolve();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal, clock, onProblem, channel } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#sendDue();
      } catch (thrown) {
        if (signal.aborted) return;
        // The store is at fault, on a full disk for one.
        onProblem(channel.name, "", thrown instanceof Error ? thrown.message : String(thrown));
        await clock.sleep(RETRY.baseMs, signal).catch(() => undefined);
        continue;
      }
      await this.#untilNext();
    }
  }

  async #sendDue(): Promise<void> {
    const { store, clock, signal, channel } = this.#options;
    for (;;) {
      const row = store.notifications.due(channel.name, clock.now());
      if (row === null) break;
      while (!this.#rate.take()) await clock.sleep(1_000, signal);
      const message = JSON.parse(row.message) as Message;
      this.#settle(row, await attempt(channel, message, this.#options));
      signal.throwIfAborted();
    }
    this.#idle.resolve();
  }

  /** Until something is put in, or the next try is due. */
  async #untilNext(): Promise<void> {
    const { store, clock, signal, channel } = this.#options;
    const nextAt = store.notifications.nextAt(channel.name);
    const sleep = new AbortController();
    const wait = nextAt === null ? LONGEST_WAIT_MS : nextAt - clock.now();
    const timer = clock
      .sleep(Math.min(Math.max(wait, 50), LONGEST_WAIT_MS), AbortSignal.any([sleep.signal, signal]))
      .catch(() => undefined);
    await Promise.race([this.#wake.promise, timer]);
    sleep.abort();
    this.#wake = Promise.withResolvers<void>();
  }

  #settle(row: NotificationRow, sent: Sent): void {
    const { store, clock, random, channel, onProblem } = this.#options;
    const now = clock.now();
    if (sent.ok) {
      this.counts.sent += 1;
      return store.notifications.end(row.id, { outcome: "sent", text: null, endedAt: now });
    }
    const attempts = row.attempts + 1;
    if (sent.retry && now - row.createdAt < GIVE_UP_MS) {
      this.counts.retried += 1;
      const ms = backoffMs({ attempt: attempts, ...RETRY, random: random() });
      return store.notifications.retry(row.id, attempts, now + Math.max(ms, sent.afterMs ?? 0));
    }
    this.counts.failed += 1;
    store.notifications.end(row.id, { outcome: "failed", text: sent.problem, endedAt: now });
    onProblem(channel.name, row.event, sent.problem);
  }
}
