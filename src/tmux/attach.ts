import { spawnSync } from "node:child_process";
import { SESSION_OPTION } from "./formats.ts";
import { socketArguments, type TmuxSocket } from "./socket.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Shows a pane on the terminal of this process until its user leaves it: attaches to its session or,
 * from inside the same tmux server, switches to it. Resolves tmux's exit status; null where the pane
 * is not there, or belongs to another session by now.
 */
export function attachTo(
  target: { readonly session: string; readonly paneId: string },
  options: { readonly socket: TmuxSocket; readonly env: Env },
): number | null {
  const { paneId, session } = target;
  const format = `#{socket_path}\n#{session_id}\n#{${SESSION_OPTION}}\n#{session_name}`;
  const ask = tmux(["display-message", "-p", "-t", paneId, format], options);
  const [socketPath = "", sessionId = "", mark = "", name = ""] = ask.stdout.split("\n");
  // Ids are given anew by another server: the pane must still be the session's.
  if (ask.status !== 0 || (mark === "" ? name : mark) !== session) return null;
  const isInside = (options.env["TMUX"] ?? "").split(",")[0] === socketPath;
  const go = isInside ? "switch-client" : "attach-session";
  const show = ["select-window", "-t", paneId, ";", "select-pane", "-t", paneId, ";"];
  return tmux([...show, go, "-t", sessionId], options, isInside).status;
}

function tmux(
  args: readonly string[],
  { socket, env }: { readonly socket: TmuxSocket; readonly env: Env },
  isInside = false,
): { status: number; stdout: string } {
  // Another server's client may show this one; only inside the same one it must not.
  const { TMUX: outer, ...rest } = env;
  const { status, stdout } = spawnSync("tmux", ["-u", ...socketArguments(socket), ...args], {
    env: isInside ? { ...rest, TMUX: outer } : rest,
    stdio: args[0] === "display-message" ? ["ignore", "pipe", "ignore"] : "inherit",
    encoding: "utf8",
  });
  return { status: status ?? 1, stdout: stdout ?? "" };
}
