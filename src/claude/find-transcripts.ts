import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, FailoverError } from "../errors.ts";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whether a name is a session's main transcript; sub-agents have files and folders of their own. */
export function isTranscriptName(name: string): boolean {
  return name.endsWith(".jsonl") && UUID.test(name.slice(0, -".jsonl".length));
}

/**
 * Every transcript of a session below the client's `projects` directory, sorted. More than one
 * breaks the first invariant (client facts 5); one file reached over two names counts once. An id
 * that is no UUID and a missing directory have none. Throws CF_CLIENT_TRANSCRIPTS where `projects`
 * cannot be read.
 */
export function findTranscripts(projectsDir: string, sessionId: string): string[] {
  if (!UUID.test(sessionId)) return [];
  const seen = new Set<string>();
  return directoriesIn(projectsDir).flatMap((name) => {
    const path = join(projectsDir, name, `${sessionId}.jsonl`);
    const identity = identityOf(path);
    if (identity === null || seen.has(identity)) return [];
    seen.add(identity);
    return [path];
  });
}

function directoriesIn(projectsDir: string): string[] {
  try {
    return readdirSync(projectsDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .toSorted();
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw unreadable(projectsDir, cause);
  }
}

/** Which file a path leads to, or null if to none. */
function identityOf(path: string): string | null {
  try {
    const file = statSync(path);
    return `${file.dev}:${file.ino}`;
  } catch (cause) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(cause) ?? "")) return null;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): FailoverError {
  const message = `Transcripts cannot be looked for: ${path} is unreadable.`;
  return new FailoverError("CF_CLIENT_TRANSCRIPTS", message, { details: { path }, cause });
}
