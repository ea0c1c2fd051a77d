import { chmodSync, closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askVersion } from "../../../src/claude/client-version.ts";
import { tempDir } from "../../support/temp-dir.ts";

const ENV = { PATH: "/usr/bin:/bin" };

function client(says: string): string {
  const command = join(tempDir(), "claude");
  writeFileSync(command, `#!/bin/sh\necho "${says}"\n`);
  chmodSync(command, 0o755);
  return command;
}

test.each([
  ["2.1.328 (Claude Code)", "2.1.328"],
  ["something else", null],
])("a client that says %s is of version %s", async (says, version) => {
  expect(await askVersion(client(says), ENV)).toBe(version);
});

test("a client that is being written is asked once it has been", async () => {
  const command = client("2.1.328");
  const written = openSync(command, "r+");
  const asked = askVersion(command, ENV);
  closeSync(written);
  expect(await asked).toBe("2.1.328");
});

test("a client that is missing has no version", async () => {
  expect(await askVersion("/nowhere/claude", ENV)).toBeNull();
});
