import { lstat, mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { lock } from "proper-lockfile";
import { errnoOf, FailoverError } from "../errors.ts";

/**
 * The `.claude.json` in force: in HOME for the client's default config directory, inside the
 * config directory when that is named by `CLAUDE_CONFIG_DIR` (client facts 3 and 4).
 */
export function clientStateFile(options: {
  home: string;
  slot: string;
  accountHome: string;
}): string {
  const isDefault = options.slot === join(options.home, ".claude");
  return join(isDefault ? options.home : options.accountHome, ".claude.json");
}

/** About 14 s: longer than an abandoned lock takes to look abandoned (10 s). */
const LOCK_RETRIES = { retries: 60, minTimeout: 20, maxTimeout: 250 };

/**
 * Answers the trust dialog of the given directories, and the first-run questions, in `file` before
 * the client can ask, so that no configured session is stuck (client facts 24). Only directories
 * that the operator configured may be given. Everything else in the file stays as it is; when
 * nothing is missing the file is not touched.
 *
 * Returns the directories that were newly trusted. Throws CF_CLIENT_STATE when the file cannot be
 * read or written or is not a JSON object.
 */
export async function preAcceptTrust(
  file: string,
  directories: readonly string[],
): Promise<string[]> {
  const paths = [...new Set((await Promise.all(directories.map(bothNames))).flat())];
  try {
    if (missingTrust(await readState(file), paths).length === 0) return [];
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // The client takes the same lock before it writes (client facts 7).
    const release = await lock(file, { realpath: false, retries: LOCK_RETRIES });
    try {
      const state = await readState(file);
      const missing = missingTrust(state, paths);
      if (missing.length > 0) await replaceFile(file, withTrust(state, paths));
      return missing;
    } finally {
      await release();
    }
  } catch (thrown) {
    throw asStateError(file, thrown);
  }
}

interface ClientState {
  hasCompletedOnboarding?: unknown;
  projects?: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
}

/** The name as configured and the resolved one: the client looks its real working directory up. */
async function bothNames(directory: string): Promise<string[]> {
  try {
    return [directory, await realpath(directory)];
  } catch {
    return [directory];
  }
}

function missingTrust(state: ClientState, paths: readonly string[]): string[] {
  const missing = paths.filter((path) => state.projects?.[path]?.hasTrustDialogAccepted !== true);
  return state.hasCompletedOnboarding === true ? missing : [...paths];
}

function withTrust(state: ClientState, paths: readonly string[]): ClientState {
  const projects = { ...state.projects };
  for (const path of paths) projects[path] = { ...projects[path], hasTrustDialogAccepted: true };
  return { ...state, hasCompletedOnboarding: true, projects };
}

async function readState(file: string): Promise<ClientState> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return {};
    throw thrown;
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SyntaxError("not a JSON object");
  return value as ClientState;
}

/** Temp file, fsync, rename: a reader sees the old file or the new one. Follows a link to its file. */
async function replaceFile(file: string, state: ClientState): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const mode = await lstat(target).then(
    (stat) => stat.mode & 0o777,
    () => 0o600,
  );
  const temp = `${target}.claude-failover.${process.pid}.tmp`;
  try {
    await using handle = await open(temp, "wx", mode);
    await handle.writeFile(JSON.stringify(state, null, 2));
    await handle.sync();
    await rename(temp, target);
  } catch (thrown) {
    await rm(temp, { force: true });
    throw thrown;
  }
}

function asStateError(file: string, thrown: unknown): FailoverError {
  if (thrown instanceof FailoverError) return thrown;
  const why =
    thrown instanceof SyntaxError ? "it is not a JSON object" : (errnoOf(thrown) ?? "it is locked");
  return new FailoverError(
    "CF_CLIENT_STATE",
    `The client's state file ${file} cannot be used: ${why}.`,
    { details: { file }, cause: thrown },
  );
}
