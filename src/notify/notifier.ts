import type { Clock } from "../clock.ts";
import { rfc3339 } from "../clock.ts";
import { redactJson, redactText } from "../api/redact.ts";
import type { NotifyConfig } from "../config/config.ts";
import type { Json } from "../store/json.ts";
import { META } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { Delivery } from "./delivery.ts";
import type { Channel, Message } from "./message.ts";
import { noticeOf, type Notice } from "./notices.ts";
import { filled } from "./template.ts";

export interface NotifierOptions {
  readonly config: NotifyConfig;
  readonly channels: readonly Channel[];
  readonly store: Store;
  readonly clock: Clock;
  readonly host: string;
  readonly home: string;
  readonly random: () => number;
  /** A message was given up, or the notifier itself is at fault. Never a secret. */
  readonly onProblem: (channel: string, event: string, problem: string) => void;
}

/** Events are looked at this long after they happened: what is decided and typed goes first. */
const SETTLE_MS = 250;
const PAGE = 1_000;
/** Messages that wait for one channel at most. */
const MOST_WAITING = 500;
const KEPT = 1_000;
/** What happened longer ago than this, while nobody looked, is told no more. */
const OLDEST_MS = 24 * 3_600_000;
/** How long an end may take for what is still to be told. */
const LAST_WORDS_MS = 4_000;

/**
 * Tells people what the events say. Nothing waits for it: events are read from the store afterwards,
 * into a queue that survives the daemon, and every channel is delivered to by itself.
 */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions;
  readonly #deliveries: readonly Delivery[];
  readonly #stop = new AbortController();
  #wake = Promise.withResolvers<void>();
  #seq: number;
  #following: Promise<void> | null = null;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#deliveries = options.channels.map(
      (channel) => new Delivery({ ...options, channel, signal: this.#stop.signal }),
    );
    const known = options.store.meta.get(META.notifiedSeq);
    this.#seq = known === null ? options.store.events.lastSeq() : Number(known);
  }

  /** Begins to follow the events and to deliver. Without a channel there is nothing to do. */
  begin(): void {
    const { store } = this.#options;
    if (this.#deliveries.length === 0) return store.meta.delete(META.notifiedSeq);
    store.subscribe(() => this.#wake.resolve());
    this.#wake.resolve();
    this.#following = this.#follow().catch((thrown: unknown) => this.#fault(thrown));
    for (const delivery of this.#deliveries) delivery.begin();
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  /** Puts a notice into the queue of every channel that takes its event, once within `repeat`. */
  tell(notice: Notice): void {
    this.#put(notice, this.#options.clock.now(), null);
    for (const delivery of this.#deliveries) delivery.look();
  }

  /** Takes in what has happened until now. */
  collect(): void {
    const { store, clock } = this.#options;
    for (;;) {
      const events = store.events.since(this.#seq, PAGE);
      const last = events.at(-1)?.seq;
      if (last === undefined) return;
      const told = events.flatMap((event) => {
        const notice = clock.now() - event.at > OLDEST_MS ? null : noticeOf(event);
        return notice === null ? [] : [{ notice, event }];
      });
      if (told.length > 0 || events.length === PAGE)
        store.transaction(() => {
          for (const { notice, event } of told) this.#put(notice, event.at, event.data);
          store.meta.set(META.notifiedSeq, String(last));
          store.notifications.prune(KEPT);
        });
      this.#seq = last;
      if (told.length > 0) for (const delivery of this.#deliveries) delivery.look();
    }
  }

  /** Takes in the last events, gives them some seconds, and lets go. What is left waits in the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#deliveries.length > 0) await this.#lastWords();
    this.#stop.abort();
    this.#wake.resolve();
    await this.#following;
    await Promise.all(this.#deliveries.map(async (each) => each.ended()));
  }

  async #lastWords(): Promise<void> {
    const { clock, store } = this.#options;
    try {
      this.collect();
      store.meta.set(META.notifiedSeq, String(this.#seq));
    } catch (thrown) {
      // A full disk, for one: the next daemon goes on from where this one stopped.
      this.#fault(thrown);
    }
    const patience = new AbortController();
    await Promise.race([
      Promise.all(this.#deliveries.map(async (each) => each.emptied())),
      clock.sleep(LAST_WORDS_MS, patience.signal).catch(() => undefined),
    ]);
    patience.abort();
  }

  async #follow(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers<void>();
      await clock.sleep(SETTLE_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.collect();
      } catch (thrown) {
        // A full disk, for one: the next event tries again, from where this one stopped.
        this.#fault(thrown);
      }
    }
  }

  #put(notice: Notice, at: number, data: Json): void {
    const { store, config, clock } = this.#options;
    const { event, key, urgent } = notice;
    const now = clock.now();
    for (const { channel } of this.#deliveries) {
      if (!channel.events.has(event)) continue;
      if (store.notifications.wasTold(channel.name, key, now - config.repeatMs)) continue;
      const message = JSON.stringify(this.#messageOf(notice, at, data));
      store.notifications.add({ channel: channel.name, event, key, message, urgent, at: now });
      store.notifications.drop(channel.name, MOST_WAITING, now);
    }
  }

  /** What leaves this machine is without secrets, paths of the home and whole e-mail addresses. */
  #messageOf({ event, title, text, urgent }: Notice, at: number, data: Json): Message {
    const { config, host, home } = this.#options;
    const safe = (words: string): string => redactText(words, { home });
    const message: Message = {
      event,
      title: safe(title),
      text: safe(text),
      urgent,
      host,
      at: rfc3339(at),
      data: redactJson(data, { home }) as Json,
    };
    const template = config.templates[event];
    return template === undefined ? message : { ...message, text: filled(template, message) };
  }

  #fault(thrown: unknown): void {
    this.#options.onProblem("", "", thrown instanceof Error ? thrown.message : String(thrown));
  }
}
