/** The session that only our control client is attached to. */
export const HUB_SESSION = "claude-failover-hub";

const NOTICE = "claude-failover is connected to tmux through this session. Please leave it open.";
/** Blocks for ever in one read; costs no wake-ups and about 1 MB. */
const PROGRAM = ["sh", "-c", `printf '%s\\n' "$1"; exec cat >/dev/null`, "sh", NOTICE];

/**
 * The command that attaches to the hub and creates it first if needed. `no-output` keeps tmux from
 * ever holding a pane back for us; `ignore-size` keeps us out of window sizes.
 */
export function attachHubArguments(hub: string): string[] {
  const flags = "ignore-size,no-output";
  return ["new-session", "-A", "-s", hub, "-c", "/", "-f", flags, "--", ...PROGRAM];
}

/** Keeps the hub alive, whatever the user's own options say. */
export function hubOptions(hub: string): string[][] {
  const target = `=${hub}:`;
  return [
    ["set-option", "-t", target, "destroy-unattached", "off"],
    ["set-option", "-w", "-t", target, "remain-on-exit", "on"],
  ];
}
