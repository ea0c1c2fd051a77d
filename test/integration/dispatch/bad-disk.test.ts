import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readOnly, tinyDisk } from "../../support/daemon-disk.ts";
import { tempDir } from "../../support/temp-dir.ts";

const PROGRAM = fileURLToPath(new URL("programs/bad-disk.ts", import.meta.url));

async function run(mode: string, project: string, wrapper: readonly string[]): Promise<unknown> {
  const [program, ...args] = [
    wrapper[0] ?? "",
    ...wrapper.slice(1),
    process.execPath,
    PROGRAM,
    mode,
    project,
    tempDir(),
  ];
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000 });
  return JSON.parse(stdout);
}

test("an inbox that cannot be written is told once, and what lies in it stays", async () => {
  const project = join(tempDir(), "proj");
  for (const name of ["inbox", "done", "failed", "rejected"])
    mkdirSync(join(project, ".agent-queue", name), { recursive: true });
  writeFileSync(join(project, ".agent-queue", "inbox", "a.md"), "Do it.");
  const queue = join(project, ".agent-queue");
  expect(await run("readOnly", project, readOnly(project))).toEqual({
    problems: [],
    faults: [],
    told: [{ project, text: expect.stringMatching(`^${queue}.* cannot be written\\.$`) }],
    folders: { inbox: ["a.md"], done: [], rejected: [] },
    done: 0,
  });
});

test("on a full disk nothing is lost: one sentence, and the file comes when there is room", async () => {
  const project = join(tempDir(), "proj");
  const text =
    "Its prompt begins with /, which the client takes for a command: put words before it.";
  expect(await run("full", project, tinyDisk(project, 32_768))).toEqual({
    problems: ["The file of task 1 cannot be moved: the disk is full. It is tried again."],
    faults: [expect.stringMatching(/ENOSPC/)],
    told: [{ project, file: "rejected/b.md", text }],
    folders: { inbox: [], done: ["a.md"], rejected: ["b.md"] },
    done: expect.any(Number),
  });
});
