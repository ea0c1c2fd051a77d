import { emitKeypressEvents } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import type { Key } from "./keys.ts";

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[2J";
const LEAVE = "\u001b[2J\u001b[?25h\u001b[?1049l";
/** A terminal that knows it shows what is between as one change. */
const [BEGIN, END] = ["\u001b[?2026h", "\u001b[?2026l"];

/**
 * The terminal while the view has it: the other screen buffer, no cursor, every key at once.
 * Disposed of, or when the process ends, it is as it was before.
 */
export class Screen implements Disposable {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #onKey: (key: Key) => void;
  readonly #onResize: () => void;
  #shown: readonly string[] = [];
  #isOurs = false;

  constructor(options: {
    readonly input: ReadStream;
    readonly output: WriteStream;
    readonly onKey: (key: Key) => void;
    readonly onResize: () => void;
  }) {
    this.#input = options.input;
    this.#output = options.output;
    this.#onKey = options.onKey;
    this.#onResize = options.onResize;
    emitKeypressEvents(this.#input);
    this.#output.on("resize", this.#resized);
    process.once("exit", this.#leave);
    this.#enter();
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#output.columns, rows: this.#output.rows };
  }

  /** Shows the lines, writing those that changed. */
  draw(lines: readonly string[]): void {
    // A slow line is sent the newest picture only.
    if (!this.#isOurs || this.#output.writableNeedDrain) return;
    const text = changed(this.#shown, lines);
    this.#shown = lines;
    if (text !== "") this.#output.write(`${BEGIN}${text}${END}`);
  }

  /** Gives the terminal to another program while `work` runs. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.#leave();
    try {
      return await work();
    } finally {
      this.#enter();
    }
  }

  [Symbol.dispose](): void {
    this.#output.off("resize", this.#resized);
    process.off("exit", this.#leave);
    this.#leave();
  }

  readonly #heard = (text: string | undefined, key: { name?: string; ctrl?: boolean }): void =>
    this.#onKey(key.ctrl === true ? `c-${key.name ?? ""}` : (key.name ?? text ?? ""));

  readonly #resized = (): void => {
    this.#shown = [];
    if (this.#isOurs) this.#output.write("\u001b[2J");
    this.#onResize();
  };

  readonly #leave = (): void => {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    this.#input.off("keypress", this.#heard);
    this.#input.setRawMode(false);
    this.#input.pause();
    this.#output.write(LEAVE);
  };

  #enter(): void {
    this.#isOurs = true;
    this.#shown = [];
    this.#output.write(ENTER);
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#input.on("keypress", this.#heard);
  }
}

/** What must be written so that the screen that shows `before` shows `after`. Pure. */
function changed(before: readonly string[], after: readonly string[]): string {
  return after
    .map((line, row) => (line === before[row] ? "" : `\u001b[${row + 1};1H${line}\u001b[K`))
    .join("");
}
