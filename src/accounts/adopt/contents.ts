import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { errnoOf, FailoverError } from "../../errors.ts";
import type { Comparison } from "./plan.ts";

const CHUNK = 256 * 1024;

/** How the contents of two files relate; reads no more than it must. */
export async function compareFiles(source: string, target: string): Promise<Comparison> {
  await using one = await openToRead(source);
  await using other = await openToRead(target);
  const left = Buffer.allocUnsafe(CHUNK);
  const right = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; ; at += CHUNK) {
    const [inSource, inTarget] = await Promise.all([
      readFully(one, left, at),
      readFully(other, right, at),
    ]);
    const shared = Math.min(inSource, inTarget);
    if (left.compare(right, 0, shared, 0, shared) !== 0) return "different";
    if (inSource > inTarget) return "sourceLonger";
    if (inSource < inTarget) return "targetLonger";
    if (inSource < CHUNK) return "equal";
  }
}

/** The SHA-256 of a file, hexadecimal. */
async function hashFile(path: string): Promise<string> {
  await using file = await openToRead(path);
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; ;) {
    const bytes = await readFully(file, buffer, at);
    hash.update(buffer.subarray(0, bytes));
    if (bytes < CHUNK) return hash.digest("hex");
    at += bytes;
  }
}

/** Copies content, mode and times to a new file, makes it durable, and proves it by its hash. */
export async function copyVerified(source: string, target: string): Promise<boolean> {
  const hash = createHash("sha256");
  {
    await using from = await openToRead(source);
    const { mode, atimeMs, mtimeMs } = await from.stat();
    await using to = await open(target, "wx", mode & 0o7777);
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = 0; ;) {
      const bytes = await readFully(from, buffer, at);
      hash.update(buffer.subarray(0, bytes));
      await writeFully(to, buffer.subarray(0, bytes), at);
      if (bytes < CHUNK) break;
      at += bytes;
    }
    await to.utimes(atimeMs / 1000, mtimeMs / 1000);
    await to.sync();
  }
  return (await hashFile(target)) === hash.digest("hex");
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "unknown";
    throw new FailoverError("CF_ACCOUNT_ADOPT_READ", `${path} cannot be read: ${errno}.`, {
      details: { path, errno },
      cause: thrown,
    });
  }
}

async function readFully(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(
      buffer,
      filled,
      buffer.length - filled,
      position + filled,
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(
      bytes,
      written,
      bytes.length - written,
      position + written,
    );
    written += bytesWritten;
  }
}
