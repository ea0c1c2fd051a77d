import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { changeClientState, type ClientState } from "./client-state.ts";

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
  let missing: string[] = [];
  await changeClientState(file, (state) => {
    missing = missingTrust(state, paths);
    return missing.length === 0 ? null : withTrust(state, paths);
  });
  return missing;
}

/** The name as configured and the resolved one: the client looks its real working directory up. */
export async function bothNames(directory: string): Promise<string[]> {
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
