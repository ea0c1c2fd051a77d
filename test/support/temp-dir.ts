import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new directory of the running test's own, real path, gone when the test ends. */
export async function tempDir(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "cf-test-")));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
