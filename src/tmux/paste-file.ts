import { randomUUID } from "node:crypto";
import { readdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FailoverError } from "../errors.ts";

const PREFIX = "cf-paste-";

/**
 * Writes text into a new file of mode 0600 in `dir`, lets `use` have its path, and deletes it
 * whatever happens. Throws CF_TMUX_PASTE_FILE when it cannot be written.
 */
export async function withPasteFile<T>(
  dir: string,
  text: string,
  use: (file: { readonly path: string; readonly name: string }) => Promise<T>,
): Promise<T> {
  const name = `${PREFIX}${randomUUID()}`;
  const path = join(dir, name);
  try {
    await write(path, text);
    return await use({ path, name });
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

/** Deletes what a killed process left in `dir`; to be called before anybody pastes. */
export async function removeStalePasteFiles(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  const stale = names.filter((name) => name.startsWith(PREFIX));
  await Promise.all(stale.map((name) => unlink(join(dir, name)).catch(() => undefined)));
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new FailoverError(
      "CF_TMUX_PASTE_FILE",
      "The text for a pane could not be written to a temporary file.",
      { cause: error, details: { path } },
    );
  }
}
