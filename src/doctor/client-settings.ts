import { sessionSettings } from "../claude/launch.ts";
import {
  managedSettings,
  operatorSettings,
  type SettingsLayer,
} from "../claude/settings-layers.ts";
import type { Config } from "../config/config.ts";
import { wantedSessions } from "../sessions/wanted.ts";
import type { Scene } from "./model.ts";

/** The settings in force for one account in one directory, weakest first. */
export interface SettingsInForce {
  readonly account: string;
  /** Null for the account alone, whatever the directory. */
  readonly cwd: string | null;
  readonly layers: readonly SettingsLayer[];
}

/**
 * The settings of every account, alone and in every directory of a configured session. Weakest
 * first: the user's, the project's, the project's local ones, ours, the administrator's (documented
 * by the vendor). Of the project's and of the account's only files named `settings*.json` are read.
 */
export function settingsInForce(scene: Scene): readonly SettingsInForce[] {
  const { config, places, managedDir } = scene;
  const ours: SettingsLayer = {
    path: "claude-failover's own settings",
    isManaged: false,
    fields: { ...sessionSettings({ session: "doctor", ...places }) },
  };
  return config.accounts.flatMap(({ name, home }) => {
    const managed = managedSettings(home, managedDir);
    return [null, ...directories(config)].map((cwd) => ({
      account: name,
      cwd,
      layers: [...operatorSettings(home, cwd), ours, ...managed],
    }));
  });
}

/** The strongest layer that sets a key to a value of this type, or null. Pure. */
export function valueInForce<T extends "boolean" | "number">(
  layers: readonly SettingsLayer[],
  key: string,
  type: T,
): { readonly value: T extends "boolean" ? boolean : number; readonly path: string } | null {
  const found = layers.findLast(({ fields }) => typeof fields?.[key] === type);
  if (found?.fields === undefined || found.fields === null) return null;
  return {
    value: found.fields[key] as T extends "boolean" ? boolean : number,
    path: found.path,
  };
}

/** The layers that cannot be read, each once. Pure. */
export function unreadable(all: readonly SettingsInForce[]): readonly string[] {
  const paths = all.flatMap(({ layers }) => layers.filter(({ fields }) => fields === null));
  return [...new Set(paths.map(({ path }) => path))];
}

function directories(config: Config): string[] {
  return [...new Set(wantedSessions(config).map(({ cwd }) => cwd))];
}
