import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { applyAdopt } from "../../src/accounts/adopt/apply.ts";
import { commitAdopt } from "../../src/accounts/adopt/commit.ts";
import { undoAdopt } from "../../src/accounts/adopt/undo.ts";
import { systemClock as clock } from "../../src/clock.ts";
import { crashRequest, JOINED, makeCrashHomes, makeTree } from "../support/private-homes.ts";
import { snapshot } from "../support/snapshot.ts";

const program = fileURLToPath(new URL("./fixtures/adopt-process.ts", import.meta.url));
const options = { clock };
type Verb = "apply" | "undo" | "commit";

/** The steps a process passed, until it ended or was killed at step `at`. */
async function run(verb: Verb, root: string, at: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, verb, root, String(at)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`${verb} ended with ${code}`);
  return text.split("\n").slice(0, -1);
}

/** Runs a case for every step, two at a time, each in a scene of its own. */
async function atEveryStep(
  steps: readonly string[],
  check: (root: string, at: number, step: string) => Promise<void>,
): Promise<void> {
  const left = steps.map((step, index) => ({ step, at: index + 1 }));
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const root = scene();
      try {
        await check(root, one.at, one.step);
      } catch (cause) {
        throw new Error(`killed at step ${one.at}, ${one.step}`, { cause });
      } finally {
        rmSync(root, { recursive: true });
      }
    }
  };
  // Both end before the test does, also when one of them fails.
  const ends = await Promise.allSettled([worker(), worker()]);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

function scene(): string {
  const root = mkdtempSync(join(tmpdir(), "cf-adopt-"));
  makeCrashHomes(root);
  return root;
}

/** Names without dates, links without the scene's own path. */
async function state(root: string): Promise<Record<string, string>> {
  const entries = Object.entries(await snapshot(root));
  return Object.fromEntries(entries.map(([path, what]) => [path, what.replace(root, "ROOT")]));
}

let before: Record<string, string> = {};
let joined: Record<string, string> = {};
const steps: Record<Verb, string[]> = { apply: [], undo: [], commit: [] };

beforeAll(async () => {
  const root = scene();
  before = await state(root);
  steps.apply = await run("apply", root, 0);
  steps.undo = await run("undo", root, 0);
  expect(await state(root)).toEqual(before);
  await run("apply", root, 0);
  steps.commit = await run("commit", root, 0);
  rmSync(root, { recursive: true });
  makeTree(root, JOINED);
  joined = await state(root);
  rmSync(root, { recursive: true });
});

async function expectAdopted(root: string): Promise<void> {
  expect(await state(join(root, ".claude-projects-shared"))).toEqual(joined);
  expect(readlinkSync(join(root, ".claude"))).toBe(join(root, ".claude-one"));
  for (const home of [".claude-one", ".claude-two"]) {
    for (const link of ["projects", "file-history", "session-env"]) {
      const target = join(root, `.claude-${link}-shared`);
      expect(readlinkSync(join(root, home, link))).toBe(target);
    }
  }
}

describe("killed at every step", { timeout: 300_000 }, () => {
  test("an adoption goes on when called again, and can then be undone", async () => {
    expect(steps.apply.length).toBeGreaterThan(50);
    await atEveryStep(steps.apply, async (root, at, step) => {
      await run("apply", root, at);
      const again = await applyAdopt(crashRequest(root), options);
      // Killed after its last row, it was done already.
      if (step !== "done") expect(again).toMatchObject({ kind: "done" });
      await expectAdopted(root);
      await undoAdopt(root, options);
      expect(await state(root)).toEqual(before);
    });
  });

  test("an adoption can be undone from where it stopped", async () => {
    await atEveryStep(steps.apply, async (root, at) => {
      await run("apply", root, at);
      await undoAdopt(root, options);
      expect(await state(root)).toEqual(before);
    });
  });

  test("an undo goes on when called again", async () => {
    await atEveryStep(steps.undo, async (root, at) => {
      await applyAdopt(crashRequest(root), options);
      await run("undo", root, at);
      await undoAdopt(root, options);
      expect(await state(root)).toEqual(before);
    });
  });

  test("a commit goes on when called again", async () => {
    await atEveryStep(steps.commit, async (root, at) => {
      await applyAdopt(crashRequest(root), options);
      await run("commit", root, at);
      await commitAdopt(root);
      await expectAdopted(root);
      const left = [root, join(root, ".claude-one"), join(root, ".claude-two")]
        .flatMap((folder) => readdirSync(folder))
        .filter((name) => name.includes("adopt"));
      expect(left).toEqual([]);
    });
  });
});
