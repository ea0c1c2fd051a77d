import { open } from "node:fs/promises";
import { errnoOf, FailoverError } from "../errors.ts";
import { fieldsOf, parseFields, textOf, type Fields } from "./fields.ts";
import { parseTranscriptRow } from "./transcript.ts";

/** A tool that the model called. */
export interface ToolCall {
  readonly name: string;
  /** What it was called with, on one line: the part that says most, or all of it as JSON. */
  readonly input: string;
  /** No result stands below it: the turn ended, or was cut off, in the middle of it. */
  readonly isOpen: boolean;
}

/** A longer end of a transcript is not read: the last call is unknown then. Bytes. */
const TAIL_BYTES = 128 * 1024;
const MOST_INPUT = 2_000;
/** The argument by which a person knows what a tool was about. */
const TELLING = ["command", "file_path", "notebook_path", "path", "pattern", "url", "query"];

/**
 * The last tool call of a conversation, from one bounded read of its transcript's end that does not
 * hold up the loop; null where there is none, or no file. Throws CF_CLIENT_TRANSCRIPTS where the file
 * cannot be read.
 */
export async function readLastTool(path: string): Promise<ToolCall | null> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, null, start);
    // The first line may be the end of one, which is no row.
    return lastTool(buffer.subarray(0, bytesRead).toString("utf8").split("\n"));
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return null;
    const message = `The transcript ${path} is unreadable.`;
    throw new FailoverError("CF_CLIENT_TRANSCRIPTS", message, { details: { path }, cause });
  }
}

/** Pure: the same over the lines of a transcript; of several that run at once, one that is open. */
export function lastTool(lines: readonly string[]): ToolCall | null {
  let calls: (ToolCall & { readonly id: string })[] = [];
  for (const line of lines) {
    if (!/"tool_use|"tool_result|"promptId"/.test(line)) continue;
    const row = parseTranscriptRow(line);
    if (row?.kind === "answer") {
      const called = blocksOf(line).flatMap(callOf);
      if (called.length > 0) calls = [...calls.filter(({ isOpen }) => isOpen), ...called];
    } else if (row?.kind === "toolResult") {
      const ids = new Set(blocksOf(line).map((block) => textOf(block["tool_use_id"])));
      calls = calls.map((call) => (ids.has(call.id) ? { ...call, isOpen: false } : call));
    } else if (row?.kind === "prompt" && !row.isMeta)
      calls = calls.map((call) => ({ ...call, isOpen: false }));
  }
  const last = calls.findLast(({ isOpen }) => isOpen) ?? calls.at(-1);
  if (last === undefined) return null;
  const { name, input, isOpen } = last;
  return { name, input, isOpen };
}

function blocksOf(line: string): Fields[] {
  const content = fieldsOf(parseFields(line)?.["message"])?.["content"];
  if (!Array.isArray(content)) return [];
  return content.map(fieldsOf).filter((block) => block !== null);
}

function callOf(block: Fields): (ToolCall & { readonly id: string })[] {
  const [id, name] = [textOf(block["id"]), textOf(block["name"])];
  if (block["type"] !== "tool_use" || id === null || name === null) return [];
  return [{ id, name, input: wordsOf(fieldsOf(block["input"]) ?? {}), isOpen: true }];
}

function wordsOf(input: Fields): string {
  const telling = TELLING.flatMap((key) => textOf(input[key]) ?? [])[0];
  return (telling ?? JSON.stringify(input)).replaceAll(/\s+/g, " ").trim().slice(0, MOST_INPUT);
}
