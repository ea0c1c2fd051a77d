import type { Frame } from "./view.ts";

const ESC = "\u001b[";

/** Owns the terminal: raw input, and only the lines that changed as output. */
export class Terminal {
  #lines: readonly string[] = [];
  #isAlternate = false;

  get columns(): number {
    return process.stdout.columns || 80;
  }

  get rows(): number {
    return process.stdout.rows || 24;
  }

  /** Raw mode, bracketed paste, no visible cursor, lines cut at the edge. Input comes as text. */
  open(onInput: (chunk: string) => void, onResize: () => void): void {
    process.stdin.setRawMode(true);
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (chunk) => onInput(String(chunk)));
    process.stdout.on("resize", () => {
      this.#lines = [];
      onResize();
    });
    // The pane may be gone before we are.
    process.stdout.on("error", () => undefined);
    process.stdout.write(`${ESC}?2004h${ESC}?25l${ESC}?7l`);
  }

  /** The client uses the alternate screen for the conversation, not for the trust question. */
  useAlternate(): void {
    this.#isAlternate = true;
    this.#lines = [];
    process.stdout.write(`${ESC}?1049h${ESC}2J`);
  }

  setTitle(title: string): void {
    process.stdout.write(`\u001b]2;${title}\u0007`);
  }

  show(frame: Frame): void {
    let output = "";
    const count = Math.max(frame.lines.length, this.#lines.length);
    for (let row = 0; row < count; row++) {
      const line = frame.lines[row] ?? "";
      if (line !== this.#lines[row]) output += `${ESC}${row + 1};1H${line}${ESC}K`;
    }
    const { row, column } = frame.cursor;
    this.#lines = frame.lines;
    process.stdout.write(`${output}${ESC}${row + 1};${column + 1}H`);
  }

  /** Gives the terminal back and leaves `lines` on it. */
  close(lines: readonly string[]): void {
    const leave = this.#isAlternate ? `${ESC}?1049l` : `${ESC}${this.#lines.length + 1};1H`;
    process.stdout.write(`${leave}${ESC}?2004l${ESC}?25h${ESC}?7h${ESC}0m`);
    for (const line of lines) process.stdout.write(`${line}\r\n`);
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}
