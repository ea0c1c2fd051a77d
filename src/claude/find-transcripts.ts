import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, FailoverError } from "../errors.ts";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const GONE = ["ENOENT", "ENOTDIR", "ELOOP"];

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
  const name = `${sessionId}.jsonl`;
  return distinct(directoriesIn(projectsDir).map((project) => join(projectsDir, project, name)));
}

/** The same for many sessions: every project is listed once, now. */
export function indexTranscripts(projectsDir: string): (sessionId: string) => string[] {
  const paths = new Map<string, string[]>();
  for (const project of directoriesIn(projectsDir)) {
    const folder = join(projectsDir, project);
    for (const name of namesIn(folder).filter(isTranscriptName))
      paths.set(name, [...(paths.get(name) ?? []), join(folder, name)]);
  }
  return (sessionId) => distinct(paths.get(`${sessionId}.jsonl`) ?? []);
}

function distinct(paths: readonly string[]): string[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    const identity = identityOf(path);
    if (identity === null || seen.has(identity)) return [];
    seen.add(identity);
    return [path];
  });
}

/** None where it is gone or no folder after all. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (GONE.includes(errnoOf(cause) ?? "")) return [];
    throw unreadable(folder, cause);
  }
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
    if (GONE.includes(errnoOf(cause) ?? "")) return null;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): FailoverError {
  const message = `Transcripts cannot be looked for: ${path} is unreadable.`;
  return new FailoverError("CF_CLIENT_TRANSCRIPTS", message, { details: { path }, cause });
}
