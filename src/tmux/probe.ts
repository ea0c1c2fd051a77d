import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { errnoOf, FailoverError } from "../errors.ts";
import { isAtLeast, parseVersion, type TmuxVersion } from "./version.ts";

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 5_000;

/**
 * The version of the tmux program, 3.2 or newer. Throws CF_TMUX_MISSING if there is none that runs,
 * CF_TMUX_TOO_OLD.
 */
export async function requireTmux(
  binary: string,
  env: Readonly<Record<string, string>>,
): Promise<TmuxVersion> {
  const version = await probeVersion(binary, env);
  if (isAtLeast(version, 3, 2)) return version;
  throw new FailoverError("CF_TMUX_TOO_OLD", `tmux ${version.text} is too old.`, {
    details: { version: version.text },
  });
}

async function probeVersion(
  binary: string,
  env: Readonly<Record<string, string>>,
): Promise<TmuxVersion> {
  try {
    const { stdout } = await run(binary, ["-V"], { env: { ...env }, timeout: PROBE_TIMEOUT_MS });
    return parseVersion(stdout);
  } catch (error) {
    const message =
      errnoOf(error) === "ENOENT" ? "tmux is not installed." : `The tmux program does not run.`;
    throw new FailoverError("CF_TMUX_MISSING", message, { cause: error, details: { binary } });
  }
}
