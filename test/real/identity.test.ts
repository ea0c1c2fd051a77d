import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readIdentity } from "../../src/accounts/identity.ts";
import { systemClock as clock } from "../../src/clock.ts";
import { tempDir } from "../support/temp-dir.ts";

const CLIENTS = ["CF_TEST_CLAUDE", "CF_TEST_CLAUDE_OLD"].map((variable) => ({
  variable,
  claude: process.env[variable] ?? "",
}));

describe.each(CLIENTS)("who a home is ($variable)", ({ claude }) => {
  const ask = async (home: string): Promise<unknown> =>
    await readIdentity({ claude, home, env: process.env, clock, timeoutMs: 20_000 });

  test.skipIf(claude === "")("is told by the client", async () => {
    const home = newHome();
    writeLogin(home, Date.now() + 3_600_000);
    const oauthAccount = { emailAddress: "a@example.test", organizationUuid: "org-a" };
    writeFileSync(join(home, ".claude.json"), JSON.stringify({ oauthAccount }));
    expect(await ask(home)).toEqual({
      kind: "known",
      loggedIn: true,
      email: "a@example.test",
      orgId: "org-a",
      subscription: "max",
    });
  });

  test.skipIf(claude === "")("is logged out without a login", async () => {
    expect(await ask(newHome())).toMatchObject({ kind: "known", loggedIn: false });
  });

  test.skipIf(claude === "")("is told without using up an expired login", async () => {
    const home = newHome();
    writeLogin(home, 1000);
    const before = readFileSync(join(home, ".credentials.json"));
    expect(await ask(home)).toMatchObject({ kind: "known", loggedIn: true });
    expect(readFileSync(join(home, ".credentials.json"))).toEqual(before);
  });
});

/** Below the test's folder, so that the client's lock beside a home lies in it too. */
function newHome(): string {
  const home = join(tempDir(), "home");
  mkdirSync(home);
  return home;
}

function writeLogin(home: string, expiresAt: number): void {
  const claudeAiOauth = {
    accessToken: "sk-ant-oat01-a-made-up",
    refreshToken: "sk-ant-ort01-a-made-up",
    expiresAt,
    scopes: ["user:inference", "user:profile"],
    subscriptionType: "max",
  };
  const path = join(home, ".credentials.json");
  writeFileSync(path, JSON.stringify({ claudeAiOauth }), { mode: 0o600 });
}
