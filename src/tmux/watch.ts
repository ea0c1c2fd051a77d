/** Formats for `TmuxClient.subscribe`: tmux itself looks at every pane about once a second. */

const everyPane = (condition: string): string => `#{S:#{W:#{P:#{?${condition},#{pane_id} ,}}}}`;

/** The ids of all panes whose program ended. */
export const DEAD_PANES = everyPane("#{pane_dead}");

/** The ids of all panes that show a line matching a POSIX extended regular expression, any case. */
export function panesShowing(pattern: string): string {
  return everyPane(`#{C/ri:${pattern.replaceAll(/[#,}]/g, "#$&")}}`);
}

/** The pane ids in the value of such a subscription. */
export function parsePaneIds(value: string): string[] {
  return value.split(" ").filter((id) => id !== "");
}
