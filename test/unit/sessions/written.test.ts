import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { awaitWritten } from "../../../src/sessions/written.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { transcriptLine } from "../../support/transcript-line.ts";

const ID = "00000000-0000-4000-8000-000000000001";

/** A session that took a prompt, and a transcript of so many bytes that does not have it yet. */
function scene(bytes: number) {
  const projectsDir = tempDir();
  const path = join(projectsDir, "p", `${ID}.jsonl`);
  mkdirSync(join(projectsDir, "p"));
  const line = transcriptLine("x".repeat(10_000));
  appendFileSync(path, line.repeat(Math.ceil(bytes / line.length)));
  const clock = manualClock();
  const lastPrompt = { promptId: "p9", text: "Do it.", at: clock.now() };
  let written: boolean | null = null;
  void awaitWritten(
    { sessionId: ID, state: "working", lastPrompt },
    { projectsDir, clock, signal: new AbortController().signal },
  ).then((answer) => (written = answer));
  return {
    append: () => appendFileSync(path, transcriptLine("Do it.", { promptId: "p9" })),
    /** Lets it look so many times. */
    pass: async (looks: number) => {
      for (let look = 0; look < looks; look++) {
        clock.advance(20);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return written;
    },
  };
}

it("waits until the prompt is in the transcript, and for no more than five seconds", async () => {
  const { append, pass } = scene(1);
  expect(await pass(2)).toBeNull();
  append();
  expect(await pass(1)).toBe(true);
  const never = scene(1);
  expect(await never.pass(249)).toBeNull();
  expect(await never.pass(1)).toBe(false);
});

it("reads a long transcript again only when something was written to it", async () => {
  const spent = (since?: NodeJS.CpuUsage) => process.cpuUsage(since);
  const before = spent();
  const { append, pass } = scene(50_000_000);
  const once = spent(before).user;
  const after = spent();
  expect(await pass(100)).toBeNull();
  expect(spent(after).user).toBeLessThan(10 * once);
  append();
  expect(await pass(1)).toBe(true);
});
