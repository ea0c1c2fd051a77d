import { execFile } from "node:child_process";
import { systemClock } from "../clock.ts";
import { errnoOf } from "../errors.ts";

const VERSION_MS = 10_000;
/** A client that updates itself is written to: it cannot be started until that is over. */
const BUSY_MS = 50;
const BUSY_TRIES = 20;

/**
 * The version a client says it is, like `2.1.328`, or null. Takes 10 to 160 ms and writes nothing
 * (measured, 2.1.150 to .329). `env` is the whole environment.
 */
export async function askVersion(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  for (let left = BUSY_TRIES; ; left -= 1) {
    try {
      return await ask(command, env);
    } catch (thrown) {
      if (errnoOf(thrown) !== "ETXTBSY" || left === 0) return null;
      await systemClock.sleep(BUSY_MS);
    }
  }
}

/** Throws what keeps the program from being started at all; Node tells only some of that by an event. */
async function ask(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: VERSION_MS, env: { ...env, DISABLE_AUTOUPDATER: "1" } };
    execFile(command, ["--version"], options, (_error, stdout) =>
      resolve(/^(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null),
    );
  });
}
