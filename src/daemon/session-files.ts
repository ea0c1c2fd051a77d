import { realpathSync } from "node:fs";
import { join } from "node:path";
import { readLiveSessions, type SessionFile } from "../claude/session-files.ts";
import type { Config } from "../config/config.ts";
import { slotNamed, slotsInUse } from "../config/slots.ts";
import type { Store } from "../store/store.ts";

/**
 * The session files of the clients that run: in the home that a slot leads to, or in every home. A client
 * writes on only where its slot leads: in a home that the slot has left its file still tells its process,
 * and the conversation and status of then.
 */
export type SessionFiles = (slot?: string) => SessionFile[];

/** Reads them, those where slots lead now first (client facts 6). Throws CF_CLIENT_SESSIONS. */
export function sessionFilesIn(config: Config, store: Store): SessionFiles {
  return (slot) => {
    const places =
      slot === undefined
        ? [
            ...slotsInUse(config, store.sessions.list()).map(({ path }) => path),
            ...config.accounts.map(({ home }) => home),
          ]
        : [slotNamed(config, slot).path];
    // Where homes share them, and where slots stand on one account, it is one folder.
    const folders = new Set(places.map((place) => realFolder(join(place, "sessions"))));
    return [...folders].flatMap((folder) => readLiveSessions(folder));
  };
}

function realFolder(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
