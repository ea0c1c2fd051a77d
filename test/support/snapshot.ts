import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Every entry below a directory, by relative path: kind, mode and content. Follows no link. */
export async function snapshot(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of (await readdir(root, { recursive: true })).sort()) {
    found[path] = await entry(join(root, path));
  }
  return found;
}

async function entry(path: string): Promise<string> {
  const stats = await lstat(path);
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (stats.isDirectory()) return `directory ${mode}`;
  if (!stats.isFile()) return `other ${mode}`;
  const hash = createHash("sha256").update(await readFile(path));
  return `file ${mode} ${hash.digest("hex").slice(0, 16)}`;
}
