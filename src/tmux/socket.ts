/** `{ name: "default" }` is the server a plain `tmux` uses. */
export type TmuxSocket = { readonly name: string } | { readonly path: string };

/** The options of the tmux program that choose the server. */
export function socketArguments(socket: TmuxSocket): string[] {
  return "name" in socket ? ["-L", socket.name] : ["-S", socket.path];
}
