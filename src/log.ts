import { pino, type Logger } from "pino";
import type { LogLevel } from "./config/config.ts";

export type { Logger } from "pino";

/**
 * One JSON line per entry, to `file` (made 0600) or, without one, to standard error. Values under
 * keys that could hold a secret are cut out.
 */
export function openLog(options: { level: LogLevel; file: string | null }): Logger {
  const { level, file } = options;
  const redact = ["token", "*.token", "authorization", "*.authorization", "env", "*.env"];
  return pino(
    { level, redact, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    file === null
      ? pino.destination({ dest: 2, sync: true })
      : pino.destination({ dest: file, sync: true, mode: 0o600, mkdir: true }),
  );
}
