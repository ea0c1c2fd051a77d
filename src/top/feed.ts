import { ask, follow } from "../api/client.ts";
import type { EventJson, StatusJson } from "../api/contract.ts";
import type { TasksJson } from "../api/dispatch-contract.ts";
import type { Clock } from "../clock.ts";
import { asFailoverError } from "../errors.ts";
import { KEPT_EVENTS, type TopState } from "./model.ts";

export type Look = Pick<TopState, "status" | "tasks" | "connection">;

export interface FeedOptions {
  readonly socket: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What the disk tells while no daemon runs. */
  readonly fromDisk: () => Promise<StatusJson>;
  readonly onLook: (look: Look) => void;
  readonly onEvent: (event: EventJson) => void;
}

/** Several events of one moment are one look. */
const GATHER_MS = 150;
/** Percentages and the like change without an event. */
const LOOK_MS = 10_000;
const RETRY_MS = 1_000;

/**
 * Tells how things are: at once, after events, and every 10 s; and each event once, from the last
 * 200 on. While no daemon answers, it tells what the disk shows and tries again every second.
 * Ends when the signal aborts. Throws what `fromDisk` throws before anything could be told.
 */
export async function runFeed(options: FeedOptions): Promise<void> {
  const { clock, signal } = options;
  const seen = { seq: null as number | null, told: false };
  while (!signal.aborted) {
    try {
      await followDaemon(options, seen);
    } catch (thrown) {
      if (signal.aborted) return;
      await tellDown(thrown, options, seen);
    }
    await clock.sleep(RETRY_MS, signal).catch(() => undefined);
  }
}

async function followDaemon(
  options: FeedOptions,
  seen: { seq: number | null; told: boolean },
): Promise<void> {
  const { socket, onEvent } = options;
  const lastEvent = await look(options);
  seen.told = true;
  // A state folder that was made anew counts from 1 again.
  const since = seen.seq === null || seen.seq > lastEvent ? lastEvent - KEPT_EVENTS : seen.seq;
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const wake = { now: Promise.withResolvers<void>() };
  const looking = keepLooking(options, wake, signal);
  // Waited for below; a fault of it ends the following first.
  looking.catch((fault: unknown) => end.abort(fault));
  try {
    const path = `/v1/events?follow=1&since=${Math.max(0, since)}`;
    for await (const event of follow<EventJson>({ socket, path, signal })) {
      seen.seq = event.seq;
      onEvent(event);
      wake.now.resolve();
    }
  } finally {
    end.abort();
    await looking.catch(() => undefined);
  }
}

/** One look, told; the number of the last event before it. */
async function look({ socket, onLook }: FeedOptions): Promise<number> {
  const path = "/v1/tasks?state=assigned,delivered&limit=1000";
  const { tasks, lastEvent } = await ask<TasksJson>({ socket, method: "GET", path });
  const status = await ask<StatusJson>({ socket, method: "GET", path: "/v1/status" });
  onLook({ status, tasks, connection: { kind: "live" } });
  return lastEvent;
}

async function keepLooking(
  options: FeedOptions,
  wake: { now: PromiseWithResolvers<void> },
  signal: AbortSignal,
): Promise<void> {
  const { clock } = options;
  while (!signal.aborted) {
    const rest = new AbortController();
    const late = clock.sleep(LOOK_MS, AbortSignal.any([signal, rest.signal]));
    await Promise.race([wake.now.promise, late]).catch(() => undefined);
    rest.abort();
    await late.catch(() => undefined);
    await clock.sleep(GATHER_MS, signal).catch(() => undefined);
    wake.now = Promise.withResolvers();
    if (!signal.aborted) await look(options);
  }
}

async function tellDown(
  thrown: unknown,
  { fromDisk, onLook }: FeedOptions,
  seen: { told: boolean },
): Promise<void> {
  const { message, hint } = asFailoverError(thrown);
  const status = await fromDisk().catch((fault: unknown) => {
    if (!seen.told) throw fault;
    return null;
  });
  seen.told = true;
  onLook({ status, tasks: [], connection: { kind: "down", message, hint } });
}
