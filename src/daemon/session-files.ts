import { realpathSync } from "node:fs";
import { join } from "node:path";
import { readLiveSessions, type SessionFile } from "../claude/session-files.ts";
import type { Config } from "../config/config.ts";
import { slotNamed, slotsInUse } from "../config/slots.ts";
import type { Store } from "../store/store.ts";

/** The session files of the clients that run: of one slot's home, or of every slot's. */
export type SessionFiles = (slot?: string) => SessionFile[];

/** Reads them where the slots lead now (client facts 6). Throws CF_CLIENT_SESSIONS. */
export function sessionFilesIn(config: Config, store: Store): SessionFiles {
  return (slot) => {
    const slots =
      slot === undefined ? slotsInUse(config, store.sessions.list()) : [slotNamed(config, slot)];
    // Where homes share them, and where slots stand on one account, it is one folder.
    const folders = new Set(slots.map(({ path }) => realFolder(join(path, "sessions"))));
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
