import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../errors.ts";
import { parseFields, type Fields } from "./fields.ts";

/** One file of settings that the client reads, or what we hand it with `--settings`. */
export interface SettingsLayer {
  readonly path: string;
  /** An administrator's, which the operator cannot override. */
  readonly isManaged: boolean;
  /** Null where there is something that cannot be read as settings. */
  readonly fields: Fields | null;
}

/** Where an administrator puts the client's settings. */
export function managedSettingsDir(platform: NodeJS.Platform): string {
  return platform === "darwin" ? "/Library/Application Support/ClaudeCode" : "/etc/claude-code";
}

/**
 * The operator's own settings for a session in `cwd` (null: of no directory), weakest first: the
 * user's, the project's, the project's local ones (documented by the vendor). `configDir` is an
 * account's home or the slot. Only files named `settings*.json` are read.
 */
export function operatorSettings(configDir: string, cwd: string | null): SettingsLayer[] {
  return [
    ...layer(join(configDir, "settings.json")),
    ...(cwd === null ? [] : projectSettings(cwd)),
  ];
}

/** Those of them that lie in the folder itself. */
export function projectSettings(cwd: string): SettingsLayer[] {
  const names = ["settings.json", "settings.local.json"];
  return names.flatMap((name) => layer(join(cwd, ".claude", name)));
}

/** An administrator's settings, weakest first; they override the operator's and ours. */
export function managedSettings(configDir: string, managedDir: string): SettingsLayer[] {
  const more = join(managedDir, "managed-settings.d");
  const names = namesIn(more).filter((name) => name.endsWith(".json"));
  return [
    ...layer(join(configDir, "remote-settings.json"), true),
    ...layer(join(managedDir, "managed-settings.json"), true),
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
    // Most folders have none: an error that is made and caught costs ten times as much.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return [];
    return [{ path, isManaged, fields: parseFields(readFileSync(path, "utf8")) }];
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR") return [];
    return [{ path, isManaged, fields: null }];
  }
}
