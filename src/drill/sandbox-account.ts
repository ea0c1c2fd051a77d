import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { madeUpToken } from "./messages-api-request.ts";

/** An account home with a made-up login. */
export interface SandboxAccount {
  readonly name: string;
  /** Absolute; `.claude-<name>` in the sandbox's HOME. */
  readonly home: string;
}

const YEAR_MS = 365 * 86_400_000;

/** Makes an account home with a login in the client's own form, valid for a year, for nobody. */
export async function writeAccount(account: SandboxAccount): Promise<void> {
  await mkdir(account.home, { mode: 0o700 });
  const login = {
    claudeAiOauth: {
      accessToken: madeUpToken({ account: account.name }),
      refreshToken: `sk-ant-ort01-${account.name}-0001`,
      expiresAt: Date.now() + YEAR_MS,
      scopes: ["user:inference", "user:profile"],
      subscriptionType: "max",
      rateLimitTier: "default_claude_max_20x",
    },
  };
  await writeFile(join(account.home, ".credentials.json"), JSON.stringify(login), { mode: 0o600 });
}
