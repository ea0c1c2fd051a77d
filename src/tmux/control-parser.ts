/**
 * One thing tmux said on a control-mode connection.
 *
 * - `reply`: the block between `%begin` and its own `%end` (`ok`) or `%error`. `ours` is false for
 *   blocks that no line of ours caused: the attach itself, and commands run by hooks.
 * - `notification`: a `%name text` line outside a block.
 * - `stray`: any other line outside a block, such as the late error of a command that had to wait.
 */
export type ControlEvent =
  | {
      readonly kind: "reply";
      readonly number: number;
      readonly ours: boolean;
      readonly ok: boolean;
      readonly lines: readonly Buffer[];
    }
  | { readonly kind: "notification"; readonly name: string; readonly text: string }
  | { readonly kind: "stray"; readonly line: Buffer };

interface OpenBlock {
  /** Time, number and flags as text: what `%end` has to repeat. */
  readonly guard: string;
  readonly number: number;
  readonly ours: boolean;
  readonly lines: Buffer[];
}

const NEWLINE = 0x0a;
const PERCENT = 0x25;
/** No guard line is longer: two 20-digit numbers, a flag and the word. */
const GUARD_MAX_BYTES = 64;

/**
 * Incremental parser of the control-mode stream. Works on bytes: a chunk may end anywhere, also
 * inside a character. Text inside a block that looks like a guard is text unless time, number and
 * flags are those of the open block.
 */
export class ControlParser {
  #partial: Buffer[] = [];
  #block: OpenBlock | null = null;

  /** Takes the next bytes of the stream; returns what they completed, in order. */
  push(chunk: Buffer): ControlEvent[] {
    const events: ControlEvent[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      const event = this.#line(this.#complete(chunk.subarray(start, end)));
      if (event !== null) events.push(event);
      start = end + 1;
    }
    // A copy: the caller may reuse the chunk's memory.
    if (start < chunk.length) this.#partial.push(Buffer.from(chunk.subarray(start)));
    return events;
  }

  #complete(lastPart: Buffer): Buffer {
    const line = Buffer.concat([...this.#partial, lastPart]);
    this.#partial = [];
    return line;
  }

  #line(line: Buffer): ControlEvent | null {
    const block = this.#block;
    if (block === null) return this.#outside(line);
    const outcome = endOf(block, line);
    if (outcome === null) {
      block.lines.push(line);
      return null;
    }
    this.#block = null;
    const { number, ours, lines } = block;
    return { kind: "reply", number, ours, ok: outcome === "end", lines };
  }

  #outside(line: Buffer): ControlEvent | null {
    if (line[0] !== PERCENT) return { kind: "stray", line };
    const text = line.toString("utf8");
    const begin = /^%begin ((\d+) (\d+) (\d+))$/.exec(text);
    if (begin !== null) {
      const [, guard = "", , number, flags] = begin;
      this.#block = { guard, number: Number(number), ours: Number(flags) % 2 === 1, lines: [] };
      return null;
    }
    const space = text.indexOf(" ");
    if (space === -1) return { kind: "notification", name: text.slice(1), text: "" };
    return { kind: "notification", name: text.slice(1, space), text: text.slice(space + 1) };
  }
}

function endOf(block: OpenBlock, line: Buffer): "end" | "error" | null {
  if (line[0] !== PERCENT || line.length > GUARD_MAX_BYTES) return null;
  const text = line.toString("latin1");
  if (text === `%end ${block.guard}`) return "end";
  if (text === `%error ${block.guard}`) return "error";
  return null;
}
