import { chmod, mkdir, open, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  credentialsPresent,
  identityReader,
  readIdentity,
} from "../../../src/accounts/identity.ts";
import { systemClock as clock } from "../../../src/clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const PATH = "/usr/bin:/bin";

/** A client that notes each call and then does what the shell lines say. */
async function client(lines: string): Promise<{ claude: string; home: string; calls: string }> {
  const root = tempDir();
  const home = join(root, "home");
  await mkdir(home);
  const claude = join(root, "claude");
  const calls = join(root, "calls");
  await writeFile(claude, `#!/bin/sh\necho "$*" >> ${calls}\n${lines}\n`);
  await chmod(claude, 0o755);
  return { claude, home, calls };
}

async function countOf(calls: string): Promise<number> {
  return (await readFile(calls, "utf8").catch(() => "")).split("\n").length - 1;
}

const LOGGED_IN = `echo '{"loggedIn":true,"email":"a@example.test","subscriptionType":"max"}'`;

describe("readIdentity", () => {
  test("asks the client about this home, without the network and without our environment", async () => {
    const { claude, home, calls } = await client(`env > ${"$CLAUDE_CONFIG_DIR"}/env\n${LOGGED_IN}`);
    const env = { PATH, HOME: "/nowhere", ANTHROPIC_API_KEY: "x", CLAUDE_CODE_OAUTH_TOKEN: "x" };
    expect(await readIdentity({ claude, home, env, clock })).toMatchObject({
      loggedIn: true,
      email: "a@example.test",
    });
    expect(await readFile(calls, "utf8")).toBe("auth status --json\n");
    const seen = await readFile(join(home, "env"), "utf8");
    expect(seen).toContain(`CLAUDE_CONFIG_DIR=${home}\n`);
    expect(seen).toContain("HTTPS_PROXY=http://127.0.0.1:9\n");
    expect(seen).not.toMatch(/ANTHROPIC_API_KEY|CLAUDE_CODE_OAUTH_TOKEN/);
  });

  test("takes the answer of a client that ends with 1", async () => {
    const at = await client(`echo '{"loggedIn":false}'; exit 1`);
    expect(await readIdentity({ ...at, env: { PATH }, clock })).toMatchObject({ loggedIn: false });
  });

  test("is unknown when the client is missing", async () => {
    const at = { claude: "/nowhere/claude", home: "/nowhere", env: { PATH }, clock };
    expect(await readIdentity(at)).toEqual({
      kind: "unknown",
      why: "/nowhere/claude cannot be started (ENOENT)",
    });
  });

  test("is unknown while the client is being written", async () => {
    const at = await client(LOGGED_IN);
    await using _written = await open(at.claude, "r+");
    expect(await readIdentity({ ...at, env: { PATH }, clock })).toEqual({
      kind: "unknown",
      why: `${at.claude} cannot be started (ETXTBSY)`,
    });
  });

  test("is unknown after the bound, and the client is left to end by itself", async () => {
    const at = await client(`while [ ! -e "$CLAUDE_CONFIG_DIR/go" ]; do sleep 0.02; done
      echo "ended by itself" > "$CLAUDE_CONFIG_DIR/end"`);
    const identity = await readIdentity({ ...at, env: { PATH }, clock, timeoutMs: 50 });
    expect(identity).toMatchObject({ kind: "unknown", why: expect.stringContaining("50 ms") });
    await writeFile(join(at.home, "go"), "");
    await expect.poll(() => readFile(join(at.home, "end"), "utf8")).toBe("ended by itself\n");
  });
});

describe("identityReader", () => {
  test("asks once, and again when the login changed", async () => {
    const { claude, home, calls } = await client(LOGGED_IN);
    await writeFile(join(home, ".credentials.json"), "made up");
    const read = identityReader({ claude, env: { PATH }, clock });
    await Promise.all([read(home), read(home)]);
    await read(home);
    expect(await countOf(calls)).toBe(1);
    await utimes(join(home, ".credentials.json"), 1, 1);
    await read(home);
    expect(await countOf(calls)).toBe(2);
  });

  test("asks again what is unknown, less and less often, and at once after a login", async () => {
    const { claude, home, calls } = await client(
      `if [ -e "$CLAUDE_CONFIG_DIR/ready" ]; then ${LOGGED_IN}; fi`,
    );
    let now = 0;
    const slow = { ...clock, monotonic: () => now };
    const read = identityReader({ claude, env: { PATH }, clock: slow });
    const askedAt: number[] = [];
    for (; now <= 60_000; now += 5_000) {
      const before = await countOf(calls);
      expect(await read(home)).toMatchObject({ kind: "unknown" });
      if ((await countOf(calls)) > before) askedAt.push(now);
    }
    expect(askedAt).toEqual([0, 5_000, 15_000, 35_000]);
    await writeFile(join(home, ".credentials.json"), "made up");
    await writeFile(join(home, "ready"), "");
    expect(await read(home)).toMatchObject({ kind: "known" });
  });
});

describe("credentialsPresent", () => {
  test("looks at the entry alone", async () => {
    const home = tempDir();
    const file = join(home, ".credentials.json");
    expect(await credentialsPresent(home)).toBe("missing");
    await writeFile(file, "");
    expect(await credentialsPresent(home)).toBe("missing");
    await writeFile(file, "made up", { mode: 0o000 });
    expect(await credentialsPresent(home)).toBe("present");
    await symlink("nowhere", join(home, "loop"));
    expect(await credentialsPresent(join(home, "loop"))).toBe("missing");
    expect(await credentialsPresent(`${home}/${"x".repeat(300)}`)).toBe("unknown");
  });
});
