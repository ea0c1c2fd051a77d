import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the client keeps things, for the environment it was started in. */
export interface ClientPlaces {
  readonly home: string;
  /** As named, links not followed: a flip of the slot changes what it leads to. */
  readonly configDir: string;
  /** `.claude.json` in force (client facts 3, 4). */
  readonly stateFile: string;
  /** The working directory, real path. */
  readonly cwd: string;
}

export function clientPlaces(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): ClientPlaces {
  const home = env["HOME"] ?? "/";
  const own = env["CLAUDE_CONFIG_DIR"];
  return {
    home,
    configDir: own ?? join(home, ".claude"),
    stateFile: join(own ?? home, ".claude.json"),
    cwd: realpathSync(cwd),
  };
}

/** The transcript of a session. The client names the folder after the working directory. */
export function transcriptPath(places: ClientPlaces, sessionId: string): string {
  return join(places.configDir, "projects", encodeCwd(places.cwd), `${sessionId}.jsonl`);
}

/** The client's folder name for a working directory, up to the 200 characters it leaves as they are. */
function encodeCwd(cwd: string): string {
  return cwd.replace(/[^a-zA-Z0-9]/g, "-").slice(0, 200);
}

/** The branch checked out at a folder or above it; empty outside a repository. */
export function gitBranch(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    try {
      const head = readFileSync(join(folder, ".git", "HEAD"), "utf8");
      return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? "HEAD";
    } catch {
      if (dirname(folder) === folder) return "";
    }
  }
}
