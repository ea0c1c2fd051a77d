import { readFile } from "node:fs/promises";

const DEADLINE_MS = 10_000;

/** Asks until the answer is something; fails with what was waited for when that takes too long. */
export async function until<T>(
  what: string,
  ask: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The content of a file that another process puts there. */
export function fileFrom(path: string): Promise<Buffer> {
  return until(path, () => readFile(path).catch(() => null));
}
