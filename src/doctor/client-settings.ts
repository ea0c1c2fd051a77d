import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseFields, type Fields } from "../claude/fields.ts";
import { sessionSettings } from "../claude/launch.ts";
import type { Config } from "../config/config.ts";
import { errnoOf } from "../errors.ts";
import { wantedSessions } from "../sessions/wanted.ts";
import type { Scene } from "./model.ts";

/** One file of settings that the client reads, or what we hand it with `--settings`. */
export interface SettingsLayer {
  readonly path: string;
  /** An administrator's, which the operator cannot override. */
  readonly isManaged: boolean;
  /** Null where there is something that cannot be read as settings. */
  readonly fields: Fields | null;
}

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
    fields: { ...sessionSettings({ session: "doctor", spoolDir: places.spoolDir }) },
  };
  const machine = managedLayers(managedDir);
  return config.accounts.flatMap(({ name, home }) => {
    const user = layer(join(home, "settings.json"));
    const managed = [...layer(join(home, "remote-settings.json"), true), ...machine];
    return [null, ...directories(config)].map((cwd) => ({
      account: name,
      cwd,
      layers: [...user, ...projectLayers(cwd), ours, ...managed],
    }));
  });
}

/** Where an administrator puts the client's settings. */
export function managedSettingsDir(platform: NodeJS.Platform): string {
  return platform === "darwin" ? "/Library/Application Support/ClaudeCode" : "/etc/claude-code";
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

function projectLayers(cwd: string | null): SettingsLayer[] {
  if (cwd === null) return [];
  const names = ["settings.json", "settings.local.json"];
  return names.flatMap((name) => layer(join(cwd, ".claude", name)));
}

function managedLayers(folder: string): SettingsLayer[] {
  const more = join(folder, "managed-settings.d");
  const names = namesIn(more).filter((name) => name.endsWith(".json"));
  return [
    ...layer(join(folder, "managed-settings.json"), true),
    ...names.toSorted().flatMap((name) => layer(join(more, name), true)),
  ];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function layer(path: string, isManaged = false): SettingsLayer[] {
  try {
    return [{ path, isManaged, fields: parseFields(readFileSync(path, "utf8")) }];
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR") return [];
    return [{ path, isManaged, fields: null }];
  }
}
