import { backoffMs, longestMs } from "./backoff.ts";

/** What is known of a session that is to be kept running. Times are epoch ms. */
export interface KeepState {
  /** How often its client ended by itself in a row, each time soon after its start. */
  readonly deaths: number;
  /** Not started before this. */
  readonly restartAt: number | null;
  /** It crashed too often in a row: not started until it is released. */
  readonly stoppedAt: number | null;
  /** Its operator ended it: not started until it is released. */
  readonly endedAt: number | null;
}

export const FRESHLY_KEPT: KeepState = {
  deaths: 0,
  restartAt: null,
  stoppedAt: null,
  endedAt: null,
};

/** How a client ended. */
export interface ClientEnd {
  readonly at: number;
  /** How long it ran, milliseconds. */
  readonly livedMs: number;
  /** `exit` is the operator's own `/exit`; `server` ended with the tmux server and is not its fault. */
  readonly cause: "crash" | "exit" | "server";
  readonly afterExit: "stay" | "restart";
  /** In [0, 1). */
  readonly random: number;
}

/** A client that ran this long was no part of a crash loop. */
export const STABLE_MS = 60_000;
/** The breaker: after this many quick ends in a row it is left alone. */
export const MOST_DEATHS = 5;
const DELAY = { baseMs: 2_000, mostMs: 60_000 };

/** Pure: what an end of its client means for whether and when a session is started again. */
export function afterEnd(state: KeepState, end: ClientEnd): KeepState {
  const isStable = end.livedMs >= STABLE_MS;
  if (end.cause === "server")
    return { ...state, deaths: isStable ? 0 : state.deaths, restartAt: null };
  if (end.cause === "exit" && end.afterExit === "stay") return { ...FRESHLY_KEPT, endedAt: end.at };
  const deaths = isStable ? 1 : state.deaths + 1;
  if (deaths >= MOST_DEATHS) return { ...FRESHLY_KEPT, deaths, stoppedAt: end.at };
  // The first time at once: a client that ran well and died is wanted back.
  const delayMs =
    deaths === 1 ? 0 : backoffMs({ attempt: deaths - 1, ...DELAY, random: end.random });
  return { ...FRESHLY_KEPT, deaths, restartAt: end.at + delayMs };
}

export type MayStart =
  | { readonly kind: "start" }
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "leave"; readonly why: "held" | "ended" | "stopped" };

/** Pure: whether a session whose client does not run is to be started now. */
export function mayStart(
  state: KeepState,
  { held, now }: { readonly held: boolean; readonly now: number },
): MayStart {
  if (held) return { kind: "leave", why: "held" };
  if (state.endedAt !== null) return { kind: "leave", why: "ended" };
  if (state.stoppedAt !== null) return { kind: "leave", why: "stopped" };
  const wait = (state.restartAt ?? now) - now;
  // One that is longer than any that is set: the clock was set back.
  if (state.restartAt !== null && wait > 0 && wait <= longestMs(DELAY.mostMs))
    return { kind: "wait", until: state.restartAt };
  return { kind: "start" };
}
