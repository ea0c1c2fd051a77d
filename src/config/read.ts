import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errnoOf, FailoverError } from "../errors.ts";
import type { ConfigPlace } from "./places.ts";
import { harmless, type PlacedProblem } from "./problem.ts";

/** Far above any fleet; a bigger file is something else given by mistake. */
const MAX_BYTES = 1_000_000;

export type ReadOutcome =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: PlacedProblem };

/**
 * The text of the configuration file; content that cannot be one is a problem, not a fault. Throws
 * CF_CONFIG_MISSING when there is no such file and CF_CONFIG_UNREADABLE when it cannot be read.
 */
export function readConfigFile(place: ConfigPlace): ReadOutcome {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(place.file);
  } catch (error) {
    throw readError(place, error);
  }
  if (bytes.length > MAX_BYTES) {
    const wrong = `the file is bigger than ${MAX_BYTES} bytes`;
    return {
      ok: false,
      problem: { line: 1, column: 1, wrong, right: "name a configuration file" },
    };
  }
  if (!isUtf8(bytes)) {
    const wrong = "this line is not UTF-8 text";
    const right = "save the file as UTF-8";
    return { ok: false, problem: { line: firstForeignLine(bytes), column: 1, wrong, right } };
  }
  return { ok: true, text: new TextDecoder().decode(bytes) };
}

/** At most one byte more than allowed. Without O_NONBLOCK a pipe would wait for a writer. */
function readRegularFile(file: string): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new NotAFile(status.isDirectory());
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

class NotAFile extends Error {
  readonly isFolder: boolean;

  constructor(isFolder: boolean) {
    super("not a regular file");
    this.isFolder = isFolder;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  ELOOP: "its links run in a circle",
  ENAMETOOLONG: "the path is too long",
  EIO: "the disk reports an error",
  ENXIO: "it is a socket or a pipe, not a file",
};

function readError(place: ConfigPlace, error: unknown): FailoverError {
  const file = harmless(place.file);
  const named = place.source === "default" ? "" : ` (named by ${place.source})`;
  const details = { file: place.file, source: place.source };
  const errno = errnoOf(error) ?? "";
  if (errno === "ENOENT" || errno === "ENOTDIR") {
    const message = `There is no configuration file ${file}${named}.`;
    return new FailoverError("CF_CONFIG_MISSING", message, { details, cause: error });
  }
  if (error instanceof NotAFile) {
    const what = error.isFolder ? "a folder" : "not a regular file";
    const hint = error.isFolder ? `Name the file, like ${file}/config.yaml.` : "Name a YAML file.";
    const message = `The configuration ${file}${named} is ${what}.`;
    return new FailoverError("CF_CONFIG_UNREADABLE", message, { details, hint, cause: error });
  }
  const reason = REASONS[errno] ?? (errno || "an unknown error");
  const message = `The configuration ${file}${named} cannot be read: ${reason}.`;
  return new FailoverError("CF_CONFIG_UNREADABLE", message, { details, cause: error });
}

/** The first line that is not UTF-8, counted from 1. */
function firstForeignLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
  return 1;
}
