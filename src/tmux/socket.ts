/** `{ name: "default" }` is the server a plain `tmux` uses. */
export type TmuxSocket = { readonly name: string } | { readonly path: string };

/** The options of the tmux program that choose the server. */
export function socketArguments(socket: TmuxSocket): string[] {
  return "name" in socket ? ["-L", socket.name] : ["-S", socket.path];
}

/** Arguments with which an operator's own `tmux` attaches to the session of exactly this name. */
export function attachArguments(socket: TmuxSocket, session: string): string[] {
  return [...socketArguments(socket), "attach-session", "-t", `=${session}`];
}
