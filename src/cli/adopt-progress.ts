import type { Clock } from "../clock.ts";
import { bytesText, countText } from "./adopt-text.ts";

/** What progress is written to: a terminal is redrawn, anything else gets a line now and then. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** How far something is; `total` and `bytes` are 0 where nobody knows or it does not matter. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
}

const REDRAW_MS = 100;
const LINE_EVERY_MS = 10_000;
const BAR = 24;

/** Shows how far it is, in `units`; `end` leaves the cursor at the beginning of an empty line. */
export class ProgressView {
  readonly #stream: ProgressStream;
  readonly #clock: Clock;
  readonly #units: string;
  #phase: string | null = null;
  #shownAt = 0;

  constructor(stream: ProgressStream, clock: Clock, units = "entries") {
    this.#stream = stream;
    this.#clock = clock;
    this.#units = units;
  }

  /** Takes one report; shows it when it is due. */
  show(progress: Progress): void {
    const now = this.#clock.monotonic();
    const every = this.#stream.isTTY === true ? REDRAW_MS : LINE_EVERY_MS;
    if (progress.phase === this.#phase && now - this.#shownAt < every) return;
    this.#phase = progress.phase;
    this.#shownAt = now;
    if (this.#stream.isTTY !== true) this.#stream.write(`${progressText(progress, this.#units)}\n`);
    else this.#stream.write(`\r${progressBar(progress, this.#columns(), this.#units)}\u001b[K`);
  }

  /** A terminal that does not know its width says 0. */
  #columns(): number {
    const { columns = 0 } = this.#stream;
    return columns > 0 ? columns : 80;
  }

  end(): void {
    if (this.#phase !== null && this.#stream.isTTY === true) this.#stream.write("\r\u001b[K");
    this.#phase = null;
  }
}

/** One line of progress. Pure. */
export function progressText({ phase, done, total, bytes }: Progress, units = "entries"): string {
  const of = total === 0 ? "" : ` of ${countText(total)}`;
  const share = total === 0 ? "" : ` (${percent(done, total)} %)`;
  const size = bytes === 0 ? "" : `, ${bytesText(bytes)}`;
  return `${phase}: ${countText(done)}${of} ${units}${share}${size}`;
}

/** The same with a bar, at most `columns` wide. Pure. */
export function progressBar(progress: Progress, columns: number, units = "entries"): string {
  const text = progressText(progress, units);
  const { done, total } = progress;
  if (total === 0 || columns < text.length + BAR + 4) return text.slice(0, columns - 1);
  const filled = Math.min(BAR, Math.floor((BAR * done) / total));
  return `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}] ${text}`;
}

function percent(done: number, total: number): number {
  return Math.min(100, Math.floor((100 * done) / total));
}
