import { sharedTarget } from "../accounts/shared-targets.ts";
import { configDirOf, sessionEnv } from "../claude/launch.ts";
import type { Config } from "../config/config.ts";
import { slotNamed } from "../config/slots.ts";
import type { Env, Places } from "../config/places.ts";
import type { StartDeps } from "../sessions/start.ts";
import type { Store } from "../store/store.ts";
import type { Panes } from "../tmux/panes.ts";
import { sessionFilesIn, type SessionFiles } from "./session-files.ts";

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
  const slotPath = (slot: string): string => slotNamed(config, slot).path;
  const environment = (slot: string): Record<string, string> => {
    const active = store.periods.of(slot).active()?.account;
    const link = slotPath(slot);
    const accountHome = config.accounts.find(({ name }) => name === active)?.home ?? link;
    return sessionEnv({
      path: env.PATH ?? "",
      home,
      slot: configDirOf({ platform, slot: link, accountHome }),
      keepsAll: config.sessions.resumeOffer === "full",
      extra: config.claude.env,
    });
  };
  return {
    panes,
    command,
    slotPath,
    settingsDir: place.settingsDir,
    spoolDir: place.spoolDir,
    projectsDir: projectsDir(config),
    knownId: (name) => store.sessions.get(name)?.sessionId ?? null,
    permissionMode: (name) => store.sessionCare.get(name).permissionMode,
    env: environment,
  };
}

/** Where every account's transcripts lie: the shared target, whatever home the slot leads to. */
export function projectsDir(config: Config): string {
  return sharedTarget(config.shared.root, "projects");
}

/** The files of the clients that run, and where the transcripts lie that they write. */
export function placesOf({ config, store }: Pick<StartingOptions, "config" | "store">): {
  sessionFiles: SessionFiles;
  projectsDir: string;
} {
  return { sessionFiles: sessionFilesIn(config, store), projectsDir: projectsDir(config) };
}
