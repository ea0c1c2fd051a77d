import { execFile } from "node:child_process";
import type { Clock } from "../clock.ts";
import type { Env } from "../config/places.ts";

/** How the service manager is told. */
export interface ServiceNotify {
  /** Everything is up. Then, while the loop goes round, it is told so within every watchdog time. */
  ready(): void;
  stopping(): Promise<void>;
}

/**
 * The words of `sd_notify` to the service manager that started us; none where NOTIFY_SOCKET is not
 * set. Node has no datagram sockets of the Unix kind, so `systemd-notify` sends them: a process of
 * 3 ms every half watchdog time. Where it is missing nothing is said, and the manager will restart us.
 */
export function serviceNotify(options: {
  readonly env: Env;
  readonly clock: Clock;
  /** Whether the daemon's loop goes round. */
  readonly isAlive: () => boolean;
}): ServiceNotify {
  const { env, clock, isAlive } = options;
  if ((env.NOTIFY_SOCKET ?? "") === "")
    return { ready: () => undefined, stopping: async () => Promise.resolve() };
  const end = new AbortController();
  return {
    ready: () => {
      void say(env, "READY=1");
      void watch();
    },
    stopping: async () => {
      end.abort();
      await say(env, "STOPPING=1");
    },
  };

  async function watch(): Promise<void> {
    const every = watchdogMs(env);
    while (every !== null && !end.signal.aborted) {
      await clock.sleep(every / 2, end.signal).catch(() => undefined);
      if (!end.signal.aborted && isAlive()) await say(env, "WATCHDOG=1");
    }
  }
}

/** Pure: the time within which the manager wants to hear of us, in milliseconds; null for never. */
export function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: Env, pid = process.pid): number | null {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(pid)) return null;
  const ms = Number(WATCHDOG_USEC ?? "") / 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

async function say({ PATH, NOTIFY_SOCKET }: Env, word: string): Promise<void> {
  return new Promise((resolve) => {
    const env = { PATH: PATH ?? "", NOTIFY_SOCKET: NOTIFY_SOCKET ?? "" };
    execFile("systemd-notify", [word], { env, timeout: 10_000 }, () => resolve());
  });
}
