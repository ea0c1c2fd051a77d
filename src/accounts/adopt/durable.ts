import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "../../errors.ts";

/** Makes the entries of a directory durable, where the file system can do that. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } catch (thrown) {
    // Some cannot and say so; there is nothing better to do there.
    if (!["EINVAL", "ENOTSUP"].includes(errnoOf(thrown) ?? "")) throw thrown;
  } finally {
    await directory.close();
  }
}

/** Writes a new file that must not exist, durable with its name when this returns. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}

/**
 * Appends one line, durable when this returns. What an earlier process began to write and did not
 * end is cut off first.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, "a+", 0o600);
  try {
    const text = await file.readFile("utf8");
    const whole = text.lastIndexOf("\n") + 1;
    if (whole < text.length) await file.truncate(Buffer.byteLength(text.slice(0, whole)));
    await file.writeFile(`${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes one private directory; one that is there already is as good. */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST") throw thrown;
    return;
  }
  await syncDirectory(dirname(path));
}
