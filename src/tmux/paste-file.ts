import { randomUUID } from "node:crypto";
import { unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes text into a new file of mode 0600 in `dir`, lets `use` have its path, and deletes it
 * whatever happens.
 */
export async function withPasteFile<T>(
  dir: string,
  text: string,
  use: (file: { readonly path: string; readonly name: string }) => Promise<T>,
): Promise<T> {
  const name = `cf-paste-${randomUUID()}`;
  const path = join(dir, name);
  try {
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
    return await use({ path, name });
  } finally {
    await unlink(path).catch(() => undefined);
  }
}
