import { readFileSync } from "node:fs";
import { fieldsOf, parseFields, textOf } from "./fields.ts";

/** What the client writes after `/add-dir`, the path in bold (measured: 2.1.150, 2.1.332). */
const MARK = " as a working directory for this session";
const ADDED = new RegExp(
  `^<local-command-stdout>Added \u001b\\[1m(/[^\u001b]*)\u001b\\[22m${MARK}`,
);
const NEWLINE = 0x0a;

/**
 * The directories that were added by `/add-dir` to the conversation of this transcript, in order and
 * each once. Not those that the operator had saved: the client knows them. None where the file cannot
 * be read.
 */
export function addedDirectories(transcript: string): string[] {
  const bytes = bytesOf(transcript);
  const found = new Set<string>();
  // Most of a long transcript is of no interest: only lines with the mark are parsed.
  for (let at = bytes.indexOf(MARK); at >= 0;) {
    const end = bytes.indexOf(NEWLINE, at);
    const stop = end < 0 ? bytes.length : end;
    const line = bytes.subarray(bytes.lastIndexOf(NEWLINE, at) + 1, stop).toString("utf8");
    const directory = addedDirectory(line);
    if (directory !== null) found.add(directory);
    at = bytes.indexOf(MARK, stop);
  }
  return [...found];
}

/** Pure: the directory that this line of a transcript says was added, or null. */
export function addedDirectory(line: string): string | null {
  const fields = fieldsOf(parseFields(line));
  if (fields?.["type"] !== "user" || fields["isSidechain"] === true) return null;
  const content = textOf(fieldsOf(fields["message"])?.["content"]);
  return ADDED.exec(content ?? "")?.[1] ?? null;
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
