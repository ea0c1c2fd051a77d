import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { socketArguments } from "./socket.ts";

const ANSWER_MS = 5_000;

/**
 * What the server of this name hands every session, as lines `NAME=value`; null when none runs.
 * Starts no server, makes no folder, and is a plain client: it does not introduce itself in control
 * mode.
 */
export async function globalEnvironment(
  name: string,
  { uid, env }: { readonly uid: number; readonly env: Record<string, string> },
): Promise<string[] | null> {
  // Asking makes the folder of the sockets where it is missing.
  if (!socketFiles(name, uid, env["TMUX_TMPDIR"]).some(existsSync)) return null;
  const args = [...socketArguments({ name }), "show-environment", "-g"];
  return new Promise((resolve) => {
    execFile("tmux", args, { env, timeout: ANSWER_MS }, (error, stdout) =>
      resolve(error === null ? stdout.split("\n") : null),
    );
  });
}

/** Where tmux puts a socket of this name. */
function socketFiles(name: string, uid: number, folder = ""): string[] {
  const folders = folder === "" ? ["/tmp"] : [folder, "/tmp"];
  return folders.map((each) => join(each, `tmux-${uid}`, name));
}
