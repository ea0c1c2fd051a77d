import type { Outcome } from "./model.ts";

const MINUTE_MS = 60_000;

/** Adds up what happens in a simulation. */
export class Measure {
  turns = 0;
  finished = 0;
  blockedMs = 0;
  switches = 0;
  cutOff = 0;
  readonly #delaysMs: number[] = [];

  finish(delayMs: number): void {
    this.finished += 1;
    this.#delaysMs.push(Math.max(0, delayMs));
  }

  outcome(policy: string, weeks: number): Omit<Outcome, "usedPoints" | "paidPoints"> {
    const sorted = Float64Array.from(this.#delaysMs).toSorted();
    const mean =
      sorted.length === 0 ? 0 : sorted.reduce((sum, each) => sum + each, 0) / sorted.length;
    return {
      policy,
      weeks,
      turns: this.turns,
      unfinished: this.turns - this.finished,
      blockedMinutes: this.blockedMs / MINUTE_MS,
      delayMinutes: {
        mean: mean / MINUTE_MS,
        p95: (sorted[Math.floor(sorted.length * 0.95)] ?? 0) / MINUTE_MS,
        most: (sorted.at(-1) ?? 0) / MINUTE_MS,
      },
      switches: this.switches,
      cutOff: this.cutOff,
    };
  }
}
