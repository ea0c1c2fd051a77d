import type { Clock } from "../clock.ts";

export interface RateLimitOptions {
  /** How many may be taken at once. */
  readonly burst: number;
  /** How fast they come back. */
  readonly perSecond: number;
  readonly clock: Pick<Clock, "monotonic">;
}

/** A bucket of permissions that fills again with time. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #left: number;
  #at: number;

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.#left = options.burst;
    this.#at = options.clock.monotonic();
  }

  /** Takes one; false when there is none. */
  take(): boolean {
    const { burst, perSecond, clock } = this.#options;
    const now = clock.monotonic();
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1_000) * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
