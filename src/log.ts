import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config/config.ts";
import { errnoOf, FailoverError } from "./errors.ts";

export type { Logger } from "pino";

/** What waits for a disk that takes nothing; what does not fit is dropped. Characters. */
const MOST_WAITING = 1_000_000;

/**
 * One JSON line per entry, to `file` (made 0600) or, without one, to standard error. Values under
 * keys that could hold a secret are cut out. A disk that fills up later costs entries, nothing else.
 * Throws CF_DAEMON_LOG when the file cannot be opened.
 */
export function openLog(options: { level: LogLevel; file: string | null }): Logger {
  const { level, file } = options;
  const redact = ["token", "*.token", "authorization", "*.authorization", "env", "*.env"];
  return pino(
    { level, redact, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    file === null ? pino.destination({ dest: 2, sync: true }) : openFile(file),
  );
}

function openFile(file: string): DestinationStream {
  try {
    const options = { dest: file, sync: true, mode: 0o600, mkdir: true, maxLength: MOST_WAITING };
    const destination = pino.destination(options);
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
