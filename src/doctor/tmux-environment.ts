import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inheritedEnv } from "../claude/launch.ts";
import { socketArguments } from "../tmux/socket.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("tmuxEnvironment");

const NAME = "CLAUDE_CONFIG_DIR";
const ANSWER_MS = 5_000;

/**
 * Whether the tmux server hands every session a `CLAUDE_CONFIG_DIR` of its own although the slot is
 * the client's default: those sessions would not follow it (client facts 1, 3).
 */
export const tmuxEnvironmentCheck: Check<Scene> = {
  code: "tmuxEnvironment",
  look: async ({ config, env, home, uid }) => {
    if (config.slot !== join(home, ".claude"))
      return [say.ok(`Sessions are told ${config.slot} by themselves.`)];
    const { socket } = config.tmux;
    // Asking makes the folder of the sockets where it is missing.
    const isThere = socketFiles({ socket, uid, folder: env.TMUX_TMPDIR }).some(existsSync);
    const lines = isThere ? await globalEnvironment(socket, inheritedEnv(env)) : null;
    return [judgeTmuxEnvironment(lines, socket)];
  },
};

/** Pure. `lines` as `show-environment -g` prints them; null when no server runs. */
export function judgeTmuxEnvironment(lines: readonly string[] | null, socket: string): Finding {
  if (lines === null) return say.ok(`No tmux server runs on the socket ${socket}.`);
  const value = lines.find((line) => line.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
  if (value === undefined) return say.ok(`The tmux server hands no ${NAME} to its sessions.`);
  return say.bad(
    `The tmux server hands ${NAME}=${value} to its sessions: they do not follow the slot.`,
    `tmux -L ${socket} set-environment -gu ${NAME}, then start those sessions again.`,
  );
}

/** Where tmux puts a socket of this name. */
function socketFiles(of: { socket: string; uid: number; folder: string | undefined }): string[] {
  const folders = of.folder === undefined || of.folder === "" ? ["/tmp"] : [of.folder, "/tmp"];
  return folders.map((folder) => join(folder, `tmux-${of.uid}`, of.socket));
}

/** Starts no server. A plain client: it does not introduce itself in control mode. */
async function globalEnvironment(
  socket: string,
  env: Record<string, string>,
): Promise<string[] | null> {
  const args = [...socketArguments({ name: socket }), "show-environment", "-g"];
  return new Promise((resolve) => {
    execFile("tmux", args, { env, timeout: ANSWER_MS }, (error, stdout) =>
      resolve(error === null ? stdout.split("\n") : null),
    );
  });
}
