import type { NotifyEvent } from "../config/config.ts";
import type { Json } from "../store/json.ts";

/** What a channel is given to tell. */
export interface Message {
  readonly event: NotifyEvent;
  /** One short line without an end. */
  readonly title: string;
  readonly text: string;
  /** A person is needed, or the fleet stands still. */
  readonly urgent: boolean;
  /** The name of the machine. */
  readonly host: string;
  /** RFC 3339 UTC, when it happened. */
  readonly at: string;
  /** The event's own data. */
  readonly data: Json;
}

/** What became of one try. */
export type Sent =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Why, without any secret: statuses and codes, never an address. */
      readonly problem: string;
      /** Whether the same may work later. */
      readonly retry: boolean;
      /** How long the other side asks to be left alone, in milliseconds. */
      readonly afterMs: number | null;
    };

/** One way to tell a person. */
export interface Channel {
  readonly name: string;
  readonly events: ReadonlySet<NotifyEvent>;
  /** Why it cannot be used as it is configured, or null. */
  readonly unusable: string | null;
  /** Tries once; throws nothing but what the signal does. */
  send(message: Message, signal: AbortSignal): Promise<Sent>;
}

export function failed(problem: string, retry: boolean, afterMs: number | null = null): Sent {
  return { ok: false, problem, retry, afterMs };
}
