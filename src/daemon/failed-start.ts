import { existsSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { notifyOnly } from "../config/notify-only.ts";
import { places, type Env } from "../config/places.ts";
import { asFailoverError } from "../errors.ts";
import { notStartedNotice } from "../notify/notices.ts";
import { takeInstanceLock } from "../store/instance-lock.ts";
import { openStore } from "../store/store.ts";
import { notifierOf } from "./notifying.ts";

/**
 * Tells the configured channels that the daemon could not start, also when the rest of the
 * configuration is wrong. Nothing is told, and nothing made, where a daemon runs or none ever did.
 * Never throws.
 */
export async function tellFailedStart(
  thrown: unknown,
  options: {
    readonly path: string | undefined;
    readonly env: Env;
    readonly home: string;
    readonly uid: number;
    readonly clock: Clock;
  },
): Promise<void> {
  const { clock } = options;
  try {
    const { code, message } = asFailoverError(thrown);
    const notify = notifyOnly({ ...options, cwd: process.cwd() });
    const place = places(options);
    if (notify === null || !existsSync(place.database)) return;
    using lock = takeInstanceLock(place.lockFile);
    if (lock === null) return;
    await using stack = new AsyncDisposableStack();
    const store = stack.adopt(openStore(place.database, clock), (each) => each.close());
    const notifier = stack.use(notifierOf({ ...options, config: { notify }, store, log: null }));
    notifier.tell(notStartedNotice(code, message));
  } catch {
    // The error that is being told of is the one that counts.
  }
}
