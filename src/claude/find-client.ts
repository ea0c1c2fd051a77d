import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { FailoverError } from "../errors.ts";

/**
 * The absolute path of the client: `command` itself if it is a path, else the first executable of
 * that name on `path` (the PATH variable), whose relative folders do not count. Throws CF_CLIENT_MISSING.
 */
export function findClient(command: string, path: string): string {
  const places = isAbsolute(command)
    ? [command]
    : path
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, command));
  const found = places.find(isExecutable);
  if (found !== undefined) return found;
  const where = isAbsolute(command) ? "" : " on PATH";
  throw new FailoverError("CF_CLIENT_MISSING", `There is no program ${command}${where}.`, {
    details: { command },
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
