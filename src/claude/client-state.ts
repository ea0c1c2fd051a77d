import { lstat, mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import { errnoOf, FailoverError } from "../errors.ts";

/** What we know of a `.claude.json`; everything else in it is the client's alone. */
export interface ClientState {
  hasCompletedOnboarding?: unknown;
  projects?: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
}

/** About 14 s: longer than an abandoned lock takes to look abandoned (10 s). */
const LOCK_RETRIES = { retries: 60, minTimeout: 20, maxTimeout: 250 };

/**
 * Changes the client's state file as the client itself does: under its lock, as a whole. `change`
 * returns the new state, or null where nothing is to be changed: then the file is not touched. It is
 * called again once the lock is held. A file that is missing is an empty state.
 *
 * Throws CF_CLIENT_STATE when the file cannot be read or written or is not a JSON object.
 */
export async function changeClientState(
  file: string,
  change: (state: ClientState) => ClientState | null,
): Promise<void> {
  try {
    if (change(await readState(file)) === null) return;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // The client takes the same lock before it writes (client facts 7).
    const release = await lock(file, {
      realpath: false,
      retries: LOCK_RETRIES,
      // Taken for abandoned, by a disk that hung: the release below says so. It would throw in a timer.
      onCompromised: () => undefined,
    });
    try {
      const changed = change(await readState(file));
      if (changed !== null) await replaceFile(file, changed);
    } finally {
      await release();
    }
  } catch (thrown) {
    throw asStateError(file, thrown);
  }
}

/** What the file says. Throws as changeClientState does. */
export async function readClientState(file: string): Promise<ClientState> {
  try {
    return await readState(file);
  } catch (thrown) {
    throw asStateError(file, thrown);
  }
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
