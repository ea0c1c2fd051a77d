import type { ClientBinary, ClientFetchProgress } from "../drill/client-binary.ts";
import { FailoverError } from "../errors.ts";
import { ownPlaces } from "./context.ts";
import { stopOnSignal } from "./stop-signal.ts";

export type Write = (line: string) => void;

/** A rehearsal asks the model's stand-in for one background command; nothing else is allowed. */
export const REHEARSAL_ARGS = ["--allowedTools", "Bash(sleep:*)"];

/** Ctrl-C ends a rehearsal in order: everything it made is taken down. */
export function stopRehearsal(): AbortSignal {
  const stopped = () => new FailoverError("CF_DRILL_STOPPED", "The rehearsal was stopped.");
  return stopOnSignal(stopped).signal;
}

/** The client of that version, or without one the installed one; fetched where it is missing. */
export async function clientOf(
  version: string | undefined,
  options: { write: Write; signal: AbortSignal },
): Promise<ClientBinary> {
  const { ensureClientBinary } = await import("../drill/client-binary.ts");
  return ensureClientBinary({
    cacheDir: ownPlaces().cacheDir,
    env: process.env,
    signal: options.signal,
    onProgress: progress(options.write),
    ...(version === undefined ? {} : { version }),
  });
}

/** One line that is written over on a terminal, a line now and then elsewhere. */
function progress(write: Write): (at: ClientFetchProgress) => void {
  let lastSecond = -10;
  return ({ phase, version, elapsedMs }) => {
    const second = Math.floor(elapsedMs / 1000);
    if (second - lastSecond < (process.stdout.isTTY ? 1 : 10)) return;
    lastSecond = second;
    const what =
      phase === "fetching"
        ? `fetching Claude Code ${version ?? ""} (about 370 MB)`
        : "asking for the newest version";
    write(process.stdout.isTTY ? `\r${what}: ${second} s ` : `${what}: ${second} s\n`);
  };
}
