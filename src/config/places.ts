import { isAbsolute, join, resolve } from "node:path";
import { FailoverError } from "../errors.ts";

/** Environment variables as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where everything of ours lies. All absolute; nothing of it need exist yet. */
export interface Places {
  /** Database, spool, settings files, log; 0700. Survives a reboot. */
  readonly stateDir: string;
  /** What can be fetched or made again. */
  readonly cacheDir: string;
  /** The socket's folder; 0700. Equal to `stateDir` where the system gives no runtime folder. */
  readonly runtimeDir: string;
  /** The API's unix socket; 0600. */
  readonly socket: string;
  readonly database: string;
  /** Held while a daemon runs on this state. */
  readonly lockFile: string;
  /** What command hooks write while nobody listens, one file per event. */
  readonly spoolDir: string;
  /** Texts on their way into a pane; 0700. */
  readonly pasteDir: string;
  /** The `--settings` files, one per session. */
  readonly settingsDir: string;
  /** The links of sessions that have a slot of their own. */
  readonly slotsDir: string;
  readonly logFile: string;
}

export interface PlacesOptions {
  readonly env: Env;
  /** HOME, absolute. */
  readonly home: string;
  readonly uid: number;
  readonly platform?: NodeJS.Platform | undefined;
}

const APP = "claude-failover";

/**
 * The files and folders of this user (design: Files and places). Pure: looks at nothing on disk.
 * Throws CF_CONFIG_SOCKET_PATH when no socket path short enough for the system exists.
 */
export function places(options: PlacesOptions): Places {
  const { env, home } = options;
  const stateDir = stateDirOf(options);
  const cacheDir = join(xdgDir(env.XDG_CACHE_HOME) ?? join(home, ".cache"), APP);
  const runtimeDir = runtimeDirOf(options, stateDir);
  return {
    stateDir,
    cacheDir,
    runtimeDir,
    socket: join(runtimeDir, "api.sock"),
    database: join(stateDir, "state.db"),
    lockFile: join(stateDir, "daemon.lock"),
    spoolDir: join(stateDir, "spool"),
    pasteDir: join(stateDir, "paste"),
    settingsDir: join(stateDir, "settings"),
    slotsDir: slotsDirOf(options),
    logFile: join(stateDir, "daemon.log"),
  };
}

/** Where the links of sessions lie that have a slot of their own. Pure. */
export function slotsDirOf(options: Pick<PlacesOptions, "env" | "home">): string {
  return join(stateDirOf(options), "slots");
}

function stateDirOf({ env, home }: Pick<PlacesOptions, "env" | "home">): string {
  return join(xdgDir(env.XDG_STATE_HOME) ?? join(home, ".local", "state"), APP);
}

/** Where the configuration was looked for, and which rule chose it. */
export interface ConfigPlace {
  readonly file: string;
  readonly source: "--config" | "$CLAUDE_FAILOVER_CONFIG" | "default";
}

/**
 * The configuration file to read: `--config`, else `$CLAUDE_FAILOVER_CONFIG`, else the one under
 * `$XDG_CONFIG_HOME` (or `~/.config`). Relative ones count from `cwd`; `~` is the home. Pure.
 */
export function configPlace(options: {
  readonly path?: string | undefined;
  readonly env: Env;
  readonly home: string;
  readonly cwd: string;
}): ConfigPlace {
  const { path, env, home, cwd } = options;
  if (path) return { file: absolutePath({ text: path, home, base: cwd }), source: "--config" };
  if (env.CLAUDE_FAILOVER_CONFIG) {
    const file = absolutePath({ text: env.CLAUDE_FAILOVER_CONFIG, home, base: cwd });
    return { file, source: "$CLAUDE_FAILOVER_CONFIG" };
  }
  const folder = xdgDir(env.XDG_CONFIG_HOME) ?? join(home, ".config");
  return { file: join(folder, APP, "config.yaml"), source: "default" };
}

/** A written path made absolute: `~` and `~/…` from `home`, relative ones from `base`. */
export function absolutePath(options: {
  readonly text: string;
  readonly home: string;
  readonly base: string;
}): string {
  const { text, home, base } = options;
  if (text === "~") return resolve(home);
  if (text.startsWith("~/")) return resolve(home, text.slice(2));
  return resolve(base, text);
}

/** The XDG base directory rules: unset, empty and relative values do not count. */
function xdgDir(value: string | undefined): string | undefined {
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

function runtimeDirOf(options: PlacesOptions, stateDir: string): string {
  const given = xdgDir(options.env.XDG_RUNTIME_DIR);
  const limit = socketLimit(options.platform);
  if (given !== undefined && !isForeignRuntimeDir(given, options.uid)) {
    const folder = join(given, APP);
    if (fits(folder, limit)) return folder;
  }
  if (fits(stateDir, limit)) return stateDir;
  throw new FailoverError(
    "CF_CONFIG_SOCKET_PATH",
    `The socket ${join(stateDir, "api.sock")} would have a path longer than the ${limit} bytes the system allows.`,
    { details: { path: join(stateDir, "api.sock"), limit } },
  );
}

/** `su` keeps the other user's XDG_RUNTIME_DIR; a socket made there could not be reached again. */
function isForeignRuntimeDir(folder: string, uid: number): boolean {
  const owner = /^\/run\/user\/(\d+)\/?$/.exec(folder)?.[1];
  return owner !== undefined && Number(owner) !== uid;
}

/** `sun_path` less its closing NUL: 108 bytes on Linux, 104 on macOS and the BSDs. */
function socketLimit(platform: NodeJS.Platform | undefined): number {
  return platform === undefined || platform === "linux" ? 107 : 103;
}

function fits(folder: string, limit: number): boolean {
  return Buffer.byteLength(join(folder, "api.sock")) <= limit;
}
