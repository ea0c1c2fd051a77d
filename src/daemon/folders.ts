import { mkdirSync } from "node:fs";
import type { Places } from "../config/places.ts";
import { errnoOf, FailoverError } from "../errors.ts";

/** Makes our own folders, for their owner alone. Throws CF_STORE_FULL or CF_STORE_UNWRITABLE. */
export function makeFolders(place: Places): void {
  const folders = [
    place.stateDir,
    place.spoolDir,
    place.settingsDir,
    place.slotsDir,
    place.pasteDir,
    place.runtimeDir,
  ];
  for (const path of folders) {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      const errno = errnoOf(cause) ?? "?";
      const details = { path, errno };
      if (errno === "ENOSPC" || errno === "EDQUOT")
        throw new FailoverError("CF_STORE_FULL", `The disk of ${path} is full.`, {
          details,
          cause,
        });
      const message = `The folder ${path} cannot be made (${errno}).`;
      throw new FailoverError("CF_STORE_UNWRITABLE", message, { details, cause });
    }
  }
}
