import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { makeScene, removeScene } from "../../support/switchover-scene.ts";

const tree = resolve(import.meta.dirname, "../../..");
const STRACE = "strace";
const hasStrace = spawnSync(STRACE, ["-V"]).status === 0;

/** One system call that matters here, in the order in which they were made. */
type Call = "lock" | "commit" | "tick" | "tempLink" | "rename" | "syncFolder" | "unlock";

const PATTERNS: readonly (readonly [Call, RegExp])[] = [
  ["lock", /mkdir\(".*\.lock"/],
  ["commit", /(fsync|fdatasync)\(\d+<.*-wal>/],
  ["tick", /utimensat\(.*\.credentials\.json"/],
  ["tempLink", /symlink\w*\(.*\.cf-flip-/],
  ["rename", /rename\w*\(.*\.cf-flip-/],
  ["syncFolder", /(fsync|fdatasync)\(\d+<[^>]*\/cf-crash-\w+>/],
  ["unlock", /rmdir\(".*\.lock"/],
];

describe.skipIf(!hasStrace)("a switchover, seen by the kernel (needs strace)", () => {
  let lines: string[] = [];

  beforeAll(() => {
    const folder = makeScene();
    try {
      const out = join(folder, "trace");
      const program = join(tree, "test/crash/fixtures/switchover-process.ts");
      const order = JSON.stringify({ folder, mode: "switch" });
      const trace = ["-f", "-y", "-qq", "-e", "trace=file,fsync,fdatasync", "-o", out];
      const done = spawnSync(STRACE, [...trace, process.execPath, program, order], {
        env: { HOME: folder, PATH: process.env["PATH"] ?? "" },
        encoding: "utf8",
      });
      expect(done.stdout).toContain('"committed"');
      lines = readFileSync(out, "utf8").split("\n");
    } finally {
      removeScene(folder);
    }
  });

  it("opens no credential file", () => {
    const touching = lines.filter((line) => line.includes('.credentials.json"'));
    expect(touching.length).toBeGreaterThan(0);
    const calls = touching.map((line) => /^\d+ +(\w+)\(/.exec(line)?.[1]);
    expect([...new Set(calls)].toSorted()).toEqual(["statx", "utimensat"]);
    for (const line of touching) expect(line).toContain("AT_SYMLINK_NOFOLLOW");
  });

  it("makes every step durable before the next effect", () => {
    const calls = lines.flatMap((line) => {
      const found = PATTERNS.find(([, pattern]) => pattern.test(line));
      return found === undefined ? [] : [found[0]];
    });
    const from = calls.indexOf("lock");
    const to = calls.lastIndexOf("unlock");
    // Once each: the intent of the flip, the flip, the flip as done, the account as verified.
    const locked = calls.slice(from, to).filter((call) => call !== "lock" && call !== "unlock");
    expect(locked).toEqual([
      "commit",
      "tick",
      "tempLink",
      "rename",
      "syncFolder",
      "commit",
      "commit",
    ]);
  });
});
