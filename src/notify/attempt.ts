import type { Clock } from "../clock.ts";
import { rfc3339 } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import { failed, type Channel, type Message, type Sent } from "./message.ts";

const ANSWER_MS = 15_000;

export interface AttemptOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Sends once, for at most 15 s. Throws only when `signal` is aborted. */
export async function attempt(
  channel: Channel,
  message: Message,
  { clock, signal }: AttemptOptions,
): Promise<Sent> {
  const done = new AbortController();
  const late = new AbortController();
  clock.sleep(ANSWER_MS, AbortSignal.any([done.signal, signal])).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    return await channel.send(message, AbortSignal.any([late.signal, signal]));
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    if (late.signal.aborted) return failed(`no answer within ${ANSWER_MS / 1_000} s`, true);
    return failed("an unexpected fault of the channel", false);
  } finally {
    done.abort();
  }
}

/** How a test message to one channel went. */
export interface TestResult {
  readonly channel: string;
  readonly sent: boolean;
  /** Why not, without any secret. */
  readonly problem: string | null;
  readonly ms: number;
}

/**
 * Sends a test message to the channel of that name, or to all of them, past the queue. Throws
 * CF_API_REQUEST when none is called so.
 */
export async function testChannels(
  channels: readonly Channel[],
  options: AttemptOptions & { readonly name: string | null; readonly host: string },
): Promise<TestResult[]> {
  const { name, host, clock } = options;
  const chosen = channels.filter((each) => name === null || each.name === name);
  if (name !== null && chosen.length === 0) throw noChannel(name, channels);
  const message: Message = {
    event: "heartbeat",
    title: "A test",
    text: "This is a test of claude-failover's notifications. Nothing happened.",
    urgent: false,
    host,
    at: rfc3339(clock.now()),
    data: null,
  };
  return Promise.all(
    chosen.map(async (channel) => {
      const before = clock.monotonic();
      const sent = await attempt(channel, message, options);
      const ms = Math.round(clock.monotonic() - before);
      return { channel: channel.name, sent: sent.ok, problem: sent.ok ? null : sent.problem, ms };
    }),
  );
}

function noChannel(name: string, channels: readonly Channel[]): FailoverError {
  const names = channels.map((each) => each.name).join(", ");
  const there = names === "" ? "None is configured." : `There are: ${names}.`;
  return new FailoverError("CF_API_REQUEST", `There is no channel ${name}. ${there}`, {
    hint: "See docs/notifications.md.",
  });
}
