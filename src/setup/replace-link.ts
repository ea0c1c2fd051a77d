import { rename, symlink, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory } from "../accounts/adopt/durable.ts";

/** Lets a link lead elsewhere, at once and durably. What is there must be a link of ours. */
export async function replaceLink(path: string, to: string): Promise<void> {
  const draft = `${path}.relink`;
  await unlink(draft).catch(() => undefined);
  await symlink(to, draft);
  await rename(draft, path);
  await syncDirectory(dirname(path));
}
