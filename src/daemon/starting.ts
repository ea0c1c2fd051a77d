import { sharedTarget } from "../accounts/shared-targets.ts";
import { configDirOf, sessionEnv } from "../claude/launch.ts";
import { clientStateFile, preAcceptTrust } from "../claude/trust.ts";
import type { Config } from "../config/config.ts";
import type { Env, Places } from "../config/places.ts";
import type { StartDeps } from "../sessions/start.ts";
import { wantedSessions } from "../sessions/wanted.ts";
import type { Store } from "../store/store.ts";
import type { Panes } from "../tmux/panes.ts";

export interface StartingOptions {
  readonly config: Config;
  readonly store: Store;
  readonly place: Places;
  readonly home: string;
  readonly env: Env;
  /** Absolute path of the client. */
  readonly command: string;
  readonly platform: string;
}

/** What starting a client takes, whoever does it. */
export function startDeps(options: StartingOptions, panes: Panes): StartDeps {
  const { config, store, place, home, env, command, platform } = options;
  const environment = (): Record<string, string> => {
    const active = store.periods.active()?.account;
    const accountHome = config.accounts.find(({ name }) => name === active)?.home ?? config.slot;
    return sessionEnv({
      path: env.PATH ?? "",
      home,
      slot: configDirOf({ platform, slot: config.slot, accountHome }),
      keepsAll: config.sessions.resumeOffer === "full",
      extra: config.claude.env,
    });
  };
  return {
    panes,
    command,
    slot: config.slot,
    settingsDir: place.settingsDir,
    spoolDir: place.spoolDir,
    projectsDir: projectsDir(config),
    knownId: (name) => store.sessions.get(name)?.sessionId ?? null,
    permissionMode: (name) => store.sessionCare.get(name).permissionMode,
    env: environment,
  };
}

/** Of the default slot there is one file in HOME; else every home has its own (client facts 3). */
export async function trustFolders({
  config,
  home,
  platform,
}: Pick<StartingOptions, "config" | "home" | "platform">): Promise<void> {
  const folders = [
    ...wantedSessions(config).map((session) => session.cwd),
    ...(config.sessions.pool === null ? [] : [config.sessions.pool.cwd]),
    ...config.dispatch.projects.map((project) => project.path),
  ];
  const files = config.accounts.map(({ home: accountHome }) => {
    const slot = configDirOf({ platform, slot: config.slot, accountHome });
    return clientStateFile({ home, slot, accountHome });
  });
  for (const file of new Set(files)) await preAcceptTrust(file, folders);
}

/** Where every account's transcripts lie: the shared target, whatever home the slot leads to. */
export function projectsDir(config: Config): string {
  return sharedTarget(config.shared.root, "projects");
}

/** The slot, and where the transcripts lie that are written through it. */
export function placesOf(config: Config): { slot: string; projectsDir: string } {
  return { slot: config.slot, projectsDir: projectsDir(config) };
}
