import { join } from "node:path";

/** Where the service runs and what it starts. All paths absolute. */
export interface ServiceWish {
  /** `user`: of this user, started with the first login; `system`: at boot, as this user. */
  readonly scope: "user" | "system";
  readonly platform: NodeJS.Platform;
  /** The program and its arguments, up to and without the verb. */
  readonly program: readonly string[];
  /** The configuration, if it is not in its default place. */
  readonly config: string | null;
  readonly home: string;
  /** `$XDG_CONFIG_HOME`, or `~/.config`. */
  readonly configHome: string;
  readonly user: string;
  readonly uid: number;
  /** PATH as it is now: tmux, the client and their tools are found by it. */
  readonly path: string;
  /** Limits that sessions notice too: no `sudo`, nothing of the kernel. */
  readonly sandbox: boolean;
}

/** A file to write and the commands around it. */
export interface ServicePlan {
  readonly file: string;
  readonly content: string;
  readonly install: readonly (readonly string[])[];
  readonly status: readonly string[];
  readonly remove: readonly (readonly string[])[];
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

const SERVICE_NAME = "claude-failover";
const LABEL = "dev.claude-failover.daemon";
/** Tells a file that we wrote from one that somebody else did. */
export const MARK = "Written by claude-failover service install";

/** Pure: the unit for systemd, or the property list for launchd. */
export function servicePlan(wish: ServiceWish): ServicePlan {
  return wish.platform === "darwin" ? launchdPlan(wish) : systemdPlan(wish);
}

function systemdPlan(wish: ServiceWish): ServicePlan {
  const isUser = wish.scope === "user";
  const folder = isUser ? join(wish.configHome, "systemd", "user") : "/etc/systemd/system";
  const unit = `${SERVICE_NAME}.service`;
  const systemctl = (...args: string[]): string[] => [
    "systemctl",
    ...(isUser ? ["--user"] : []),
    ...args,
  ];
  const linger = `It ends with your last login; loginctl enable-linger ${wish.user} keeps it running.`;
  return {
    file: join(folder, unit),
    content: unitText(wish),
    install: [systemctl("daemon-reload"), systemctl("enable", "--now", unit)],
    status: systemctl(
      "show",
      unit,
      "--property=ActiveState,SubState,MainPID,UnitFileState,NRestarts",
    ),
    remove: [systemctl("disable", "--now", unit)],
    notes: [
      ...(isUser ? [linger] : []),
      `Secrets go into ${join(wish.configHome, SERVICE_NAME, "environment")} (0600), one NAME=value a line.`,
      `Its log: journalctl ${isUser ? "--user " : ""}-u ${SERVICE_NAME}.`,
      ...(wish.sandbox ? ["In this sandbox sessions cannot use sudo."] : []),
    ],
  };
}

/** Sessions are children of the service, so whatever limits it limits them. */
const SANDBOX = [
  "# Sessions are inside of this too: no sudo, nothing of the kernel's.",
  "NoNewPrivileges=yes",
  "RestrictSUIDSGID=yes",
  "RestrictRealtime=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
  "ProtectClock=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
];

function unitText(wish: ServiceWish): string {
  const { scope, program, config, home, configHome, user, uid, path, sandbox } = wish;
  const command = [...program, "run", ...(config === null ? [] : ["--config", config])];
  const runtime = `user-runtime-dir@${uid}.service`;
  const isSystem = scope === "system";
  return [
    `# ${MARK}; change it with systemctl edit.`,
    "[Unit]",
    "Description=claude-failover: keeps Claude Code sessions going over several accounts",
    "Documentation=man:claude-failover(1)",
    ...(isSystem ? [`Requires=${runtime}`, `After=${runtime} network.target`] : []),
    "StartLimitIntervalSec=5min",
    "StartLimitBurst=10",
    "",
    "[Service]",
    "Type=notify",
    "# systemd-notify speaks for the daemon.",
    "NotifyAccess=all",
    `ExecStart=${command.map((word) => quoted(word.replaceAll("$", "$$$$"))).join(" ")}`,
    ...(isSystem ? [`User=${user}`, `WorkingDirectory=${escaped(home)}`] : []),
    `Environment=${quoted(`PATH=${path}`)}`,
    ...(isSystem
      ? [`Environment=${quoted(`HOME=${home}`)}`, `Environment=XDG_RUNTIME_DIR=/run/user/${uid}`]
      : []),
    `EnvironmentFile=-${escaped(join(configHome, SERVICE_NAME, "environment"))}`,
    "Restart=always",
    "RestartSec=2s",
    "# A configuration that is wrong does not get right by itself.",
    "RestartPreventExitStatus=2",
    "TimeoutStartSec=3min",
    "TimeoutStopSec=90s",
    "WatchdogSec=2min",
    "# Only the daemon ends with it: tmux and every session go on.",
    "KillMode=process",
    "# One session without memory must not end the daemon.",
    "OOMPolicy=continue",
    "TasksMax=infinity",
    ...(sandbox ? SANDBOX : []),
    "",
    "[Install]",
    `WantedBy=${isSystem ? "multi-user.target" : "default.target"}`,
    "",
  ].join("\n");
}

/** A word of a command or an assignment, as systemd reads it; `$` means something in commands only. */
function quoted(word: string): string {
  const safe = word.replaceAll("%", "%%");
  if (/^[\w@%+=:,./-]+$/.test(safe)) return safe;
  return `"${safe.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A path that stands for itself to the end of the line. */
function escaped(path: string): string {
  return path.replaceAll("%", "%%");
}

function launchdPlan(wish: ServiceWish): ServicePlan {
  const { home, uid, scope } = wish;
  const isUser = scope === "user";
  const folder = isUser ? join(home, "Library", "LaunchAgents") : "/Library/LaunchDaemons";
  const file = join(folder, `${LABEL}.plist`);
  const domain = isUser ? `gui/${uid}` : "system";
  return {
    file,
    content: plistText(wish),
    install: [["launchctl", "bootstrap", domain, file]],
    status: ["launchctl", "print", `${domain}/${LABEL}`],
    remove: [["launchctl", "bootout", `${domain}/${LABEL}`]],
    notes: ["The launchd service has never been tried on a Mac: tell us how it goes."],
  };
}

function plistText({ program, config, home, user, path, scope }: ServiceWish): string {
  const command = [...program, "run", ...(config === null ? [] : ["--config", config])];
  const log = join(home, "Library", "Logs", "claude-failover.log");
  const all = [...command, "--log-file", log];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${MARK} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${all.map((word) => `    <string>${xml(word)}</string>`).join("\n")}
  </array>
${scope === "system" ? `  <key>UserName</key><string>${xml(user)}</string>\n` : ""}  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key><string>${xml(path)}</string>
    <key>HOME</key><string>${xml(home)}</string>
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>AbandonProcessGroup</key><true/>
</dict>
</plist>
`;
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
