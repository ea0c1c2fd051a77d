import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { errnoOf, FailoverError } from "../errors.ts";
import { parseTranscriptRow, type TranscriptRow } from "./transcript.ts";

/** Longer lines are skipped: the client writes pictures and whole tool results into one. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const LOOK_BACK_BYTES = 16 * 1024;
/** So many bytes before the place read up to must still be the same, or it is another file. */
const ANCHOR_BYTES = 64;
const NEWLINE = 0x0a;

export interface TranscriptTailOptions {
  readonly path: string;
  /**
   * `end`: only what is appended from now on, and the line that is half written now. A file that
   * does not exist yet is read from its start either way.
   */
  readonly from: "start" | "end";
}

/**
 * Reads what is appended to one transcript. It holds no open file, survives truncation, replacement
 * and removal (then it starts over), and gives whole rows only, however the bytes arrive.
 */
export class TranscriptTail {
  readonly path: string;
  /** Up to here everything was looked at; `#rest` is the unfinished line before it. */
  #offset = 0;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** As text: a few bytes of a buffer would keep the whole pool in memory that they were cut from. */
  #anchor = "";
  #identity: string | null = null;

  /** Throws CF_CLIENT_TRANSCRIPTS where the file exists and cannot be read. */
  constructor(options: TranscriptTailOptions) {
    this.path = options.path;
    if (options.from === "start") return;
    withFile(this.path, (fd, stats) => {
      this.#offset = lineStartBefore(fd, stats.size);
      this.#identity = identityOf(stats);
      const anchored = Math.min(ANCHOR_BYTES, this.#offset);
      this.#anchor = readAt(fd, this.#offset - anchored, anchored).toString("latin1");
    });
  }

  /**
   * The rows that were completed since the last call, in file order; none for a file that is gone.
   * Reads synchronously, in chunks. Throws CF_CLIENT_TRANSCRIPTS where it cannot be read.
   */
  readNew(): TranscriptRow[] {
    const rows: TranscriptRow[] = [];
    withFile(this.path, (fd, stats) => {
      if (this.#identity !== null && !this.#isSameFile(fd, stats)) this.#startOver();
      this.#identity = identityOf(stats);
      while (this.#offset < stats.size && this.#readChunk(fd, stats.size, rows)) continue;
    });
    return rows;
  }

  #isSameFile(fd: number, stats: Stats): boolean {
    if (identityOf(stats) !== this.#identity) return false;
    if (stats.size === this.#offset) return true;
    const { length } = this.#anchor;
    return this.#anchor === readAt(fd, this.#offset - length, length).toString("latin1");
  }

  #startOver(): void {
    this.#offset = 0;
    this.#dropRest();
    this.#anchor = "";
    this.#identity = null;
  }

  /** False where the file ended before `size`: it was cut while being read. */
  #readChunk(fd: number, size: number, rows: TranscriptRow[]): boolean {
    const chunk = readAt(fd, this.#offset, Math.min(CHUNK_BYTES, size - this.#offset));
    this.#offset += chunk.length;
    const seen = this.#anchor + chunk.subarray(-ANCHOR_BYTES).toString("latin1");
    this.#anchor = seen.slice(-ANCHOR_BYTES);
    this.#take(chunk, rows);
    return chunk.length > 0;
  }

  #take(chunk: Buffer, rows: TranscriptRow[]): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#endLine(chunk.subarray(start, end), rows);
      start = end + 1;
    }
    this.#keepRest(chunk.subarray(start));
  }

  #endLine(lastPart: Buffer, rows: TranscriptRow[]): void {
    const line = this.#rest.length === 0 ? lastPart : Buffer.concat([...this.#rest, lastPart]);
    this.#dropRest();
    const row = parseTranscriptRow(line.toString("utf8"));
    if (row !== null) rows.push(row);
  }

  #keepRest(part: Buffer): void {
    if (part.length === 0) return;
    // A copy: a part of a chunk would keep the whole of it in memory.
    this.#rest.push(Buffer.from(part));
    this.#restBytes += part.length;
    // The end of a line without its beginning is no JSON, so it is no row either.
    if (this.#restBytes > MAX_LINE_BYTES) this.#dropRest();
  }

  #dropRest(): void {
    this.#rest = [];
    this.#restBytes = 0;
  }
}

/**
 * The rows at the end of a transcript, from one read of at most `maxBytes` however long the file is;
 * none for a missing file, and none for one whose last row is longer than that: then its state is
 * unknown. Throws CF_CLIENT_TRANSCRIPTS where it cannot be read.
 */
export function readLast(path: string, maxBytes = 256 * 1024): TranscriptRow[] {
  let lines: string[] = [];
  withFile(path, (fd, stats) => {
    const start = Math.max(0, stats.size - maxBytes);
    // One byte more tells whether the first line is a whole one.
    const bytes = readAt(fd, Math.max(0, start - 1), stats.size - Math.max(0, start - 1));
    const first = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    lines = start > 0 && first === 0 ? [] : bytes.subarray(first).toString("utf8").split("\n");
  });
  return lines.flatMap((line) => parseTranscriptRow(line) ?? []);
}

/** Runs `use` on the open file, if there is one. */
function withFile(path: string, use: (fd: number, stats: Stats) => void): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    use(fd, fstatSync(fd));
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return;
    const message = `The transcript ${path} cannot be read.`;
    throw new FailoverError("CF_CLIENT_TRANSCRIPTS", message, { details: { path }, cause });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The bytes at `position`: fewer than `length` only at the end of the file. */
function readAt(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Where the line that is unfinished at `size` begins; `size` where that is too far back to look. */
function lineStartBefore(fd: number, size: number): number {
  for (let end = size; size - end <= MAX_LINE_BYTES;) {
    if (end === 0) return 0;
    const start = Math.max(0, end - LOOK_BACK_BYTES);
    const newline = readAt(fd, start, end - start).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return size;
}

function identityOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}`;
}
