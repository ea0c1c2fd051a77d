import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { STAND_IN_VERSION } from "./stand-in/version.ts";

/**
 * Writes an executable `claude` into `folder` (made when missing) that starts the stand-in agent, so
 * that `claude.command` or a PATH can name it. Returns its path.
 */
export async function writeStandInCommand(folder: string): Promise<string> {
  // From a checkout we are TypeScript, from the package JavaScript: the program is what we are.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const program = fileURLToPath(new URL(`./stand-in-main.${extension}`, import.meta.url));
  const cache = join(folder, "compile-cache");
  const command = join(folder, "claude");
  const line = `exec ${quoted(process.execPath)} ${FLAGS} ${quoted(program)} "$@"`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Asked at every start of a daemon: no Node for that.
  const version = `[ "$*" = --version ] && { echo ${quoted(`${STAND_IN_VERSION} (Claude Code stand-in)`)}; exit; }`;
  const script = `#!/bin/sh\n${version}\nNODE_COMPILE_CACHE=${quoted(cache)} ${line}\n`;
  await writeFile(command, script, { mode: 0o755 });
  return command;
}

/** Few threads and a small young generation: a fleet of them shares the machine. */
const FLAGS = "--v8-pool-size=1 --max-semi-space-size=2 --disable-warning=ExperimentalWarning";

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
