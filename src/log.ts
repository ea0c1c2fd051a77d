import { pino, type Logger } from "pino";
import type { LogLevel } from "./config/config.ts";
import { renameSync } from "node:fs";
import { errnoOf, FailoverError } from "./errors.ts";

export type { Logger } from "pino";

type Destination = ReturnType<typeof pino.destination>;

/** What waits for a disk that takes nothing; what does not fit is dropped. Characters. */
const MOST_WAITING = 1_000_000;

export interface OwnLog {
  readonly log: Logger;
  /** Begins a new file; the one before it is kept as `<file>.1`. Nothing where it is no file of ours. */
  readonly rotate: () => void;
}

/**
 * One JSON line per entry, to `file` (made 0600) or, without one, to standard error. Values under
 * keys that could hold a secret are cut out. A disk that fills up later costs entries, nothing else.
 * Throws CF_DAEMON_LOG when the file cannot be opened.
 */
export function openLog(options: { level: LogLevel; file: string | null }): OwnLog {
  const { level, file } = options;
  const redact = ["token", "*.token", "authorization", "*.authorization", "env", "*.env"];
  const to = openDestination(file);
  const log = pino(
    { level, redact, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    to,
  );
  const rotate = (): void => {
    if (file === null) return;
    renameSync(file, `${file}.1`);
    to.reopen();
  };
  return { log, rotate };
}

function openDestination(file: string | null): Destination {
  const common = { sync: true, maxLength: MOST_WAITING };
  try {
    const destination = pino.destination(
      file === null ? { ...common, dest: 2 } : { ...common, dest: file, mode: 0o600, mkdir: true },
    );
    destination.on("error", () => undefined);
    return destination;
  } catch (cause) {
    const errno = errnoOf(cause) ?? "?";
    throw new FailoverError("CF_DAEMON_LOG", `The log ${file} cannot be written (${errno}).`, {
      details: { file, errno },
      cause,
    });
  }
}
