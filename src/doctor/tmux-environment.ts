import { join } from "node:path";
import { inheritedEnv } from "../claude/launch.ts";
import { globalEnvironment } from "../tmux/global-environment.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("tmuxEnvironment");

const NAME = "CLAUDE_CONFIG_DIR";

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
    const lines = await globalEnvironment(socket, { uid, env: inheritedEnv(env) });
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
