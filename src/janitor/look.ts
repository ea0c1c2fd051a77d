import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../errors.ts";
import { FOLDERS, QUEUE_FOLDER } from "../dispatch/queue-folder.ts";
import type { Leftover } from "./decide.ts";

const FINISHED = FOLDERS.filter((folder) => folder !== "inbox");

/**
 * What finished tasks left in a project's queue folders, with paths below the queue folder. Follows no
 * link, and tells of files and links alone: a folder that somebody put there is a person's to remove.
 */
export async function finishedFiles(project: string): Promise<Leftover[]> {
  const found = FINISHED.map(async (folder) =>
    filesIn(join(project, QUEUE_FOLDER), folder, (name) => name.includes(".md")),
  );
  return (await Promise.all(found)).flat();
}

/** The inbox's files that say that a session has them. */
export async function dispatchedFiles(project: string): Promise<Leftover[]> {
  return filesIn(join(project, QUEUE_FOLDER), "inbox", (name) => name.endsWith(".md.dispatched"));
}

/** The settings files that were made for sessions, by the session. */
export async function settingsFiles(
  dir: string,
): Promise<readonly (Leftover & { readonly session: string })[]> {
  const files = await filesIn(dir, "", (name) => /\.(?:json|statusline)$/.test(name));
  return files.map((file) => ({ ...file, session: file.path.replace(/\.[a-z]+$/, "") }));
}

async function filesIn(
  root: string,
  folder: string,
  isMeant: (name: string) => boolean,
): Promise<Leftover[]> {
  const names = await orNothing(readdir(join(root, folder)), []);
  const found: Leftover[] = [];
  // One after the other: a folder of many thousands must not take every thread.
  for (const name of names.filter((each) => !each.startsWith(".") && isMeant(each))) {
    const path = join(folder, name);
    const stats = await orNothing(lstat(join(root, path)), null);
    if (stats === null || stats.isDirectory()) continue;
    // Its change time: a file that was moved here keeps the time of its content.
    found.push({ path, bytes: stats.size, since: Math.max(stats.ctimeMs, stats.mtimeMs) });
  }
  return found;
}

/** What is gone, or is no folder, has nothing to remove. */
async function orNothing<T>(work: Promise<T>, nothing: T): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP"].includes(errnoOf(thrown) ?? "")) return nothing;
    throw thrown;
  }
}
