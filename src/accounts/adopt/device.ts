import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "../../errors.ts";

/** The path itself, or the nearest directory above it that exists. */
export async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT" || path === dirname(path)) throw thrown;
    return await nearestExisting(dirname(path));
  }
}

/** The device a path lies on, or would lie on once it is made. */
export async function deviceOf(path: string): Promise<number> {
  return (await stat(await nearestExisting(path))).dev;
}
