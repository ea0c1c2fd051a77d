import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { findClient } from "../../../src/claude/find-client.ts";
import { FailoverError } from "../../../src/errors.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A folder with a program `claude` of this mode in it. */
function folderWith(dir: string, name: string, mode: number): string {
  const folder = join(dir, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "claude"), "#!/bin/sh\n");
  chmodSync(join(folder, "claude"), mode);
  return folder;
}

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (thrown) {
    return thrown instanceof FailoverError ? thrown.code : String(thrown);
  }
}

describe("findClient", () => {
  it("finds the first executable of that name on PATH", () => {
    const dir = tempDir();
    const noProgram = folderWith(dir, "a", 0o644);
    const first = folderWith(dir, "b", 0o755);
    const second = folderWith(dir, "c", 0o755);
    mkdirSync(join(dir, "d", "claude"), { recursive: true });
    const path = [join(dir, "d"), "", "/nowhere", noProgram, first, second].join(delimiter);
    expect(findClient("claude", path)).toBe(join(first, "claude"));
  });

  it("takes an absolute path as it is, also through a link, and does not look on PATH", () => {
    const dir = tempDir();
    const folder = folderWith(dir, "a", 0o755);
    symlinkSync(join(folder, "claude"), join(dir, "link"));
    expect(findClient(join(dir, "link"), "")).toBe(join(dir, "link"));
    expect(codeOf(() => findClient(join(dir, "claude"), folder))).toBe("CF_CLIENT_MISSING");
  });

  it("gives an absolute path only: relative folders on PATH do not count", () => {
    const folder = relative(process.cwd(), folderWith(tempDir(), "a", 0o755));
    expect(codeOf(() => findClient("claude", folder))).toBe("CF_CLIENT_MISSING");
  });

  it("says which program is missing", () => {
    expect(() => findClient("claude", "/nowhere")).toThrow("There is no program claude on PATH.");
    expect(() => findClient("/opt/claude", "")).toThrow("There is no program /opt/claude.");
  });
});
