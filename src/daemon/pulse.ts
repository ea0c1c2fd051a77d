import type { Clock } from "../clock.ts";

const TICK_MS = 1_000;
const REMEMBERED = 60;
/** A look comes every 5 s and takes well under one; after this long something hangs. */
const STALE_MS = 60_000;

/** Whether the daemon's loop goes round: when it was whole last, and how late its timers come. */
export class Pulse {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #lags: number[] = [];
  #looked: number | null = null;
  #lookedAt: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  /** A look at everything ended. */
  looked(): void {
    this.#looked = this.#clock.monotonic();
    this.#lookedAt = this.#clock.now();
  }

  /** Epoch ms of the last look. */
  get lookedAt(): number | null {
    return this.#lookedAt;
  }

  get lastLookMs(): number | null {
    return this.#looked === null ? null : Math.round(this.#clock.monotonic() - this.#looked);
  }

  get isStale(): boolean {
    return this.#clock.monotonic() - (this.#looked ?? this.#startedAt) > STALE_MS;
  }

  /** The worst of the last minute, in milliseconds. */
  get lagMs(): number {
    return Math.max(0, ...this.#lags);
  }

  /** Measures until the signal aborts; then it throws as sleeping does. */
  async beat(signal: AbortSignal): Promise<void> {
    for (;;) {
      const before = this.#clock.monotonic();
      await this.#clock.sleep(TICK_MS, signal);
      this.#lags.push(this.#clock.monotonic() - before - TICK_MS);
      if (this.#lags.length > REMEMBERED) this.#lags.shift();
    }
  }
}
