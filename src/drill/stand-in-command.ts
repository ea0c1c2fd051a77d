import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Writes the stand-in agent as a command of its own into `folder` and returns its path. */
export async function writeStandInCommand(folder: string): Promise<string> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const program = fileURLToPath(new URL(`./stand-in-main.${extension}`, import.meta.url));
  const command = join(folder, "claude");
  const line = `exec ${quoted(process.execPath)} ${quoted(program)} "$@"`;
  await writeFile(command, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return command;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
