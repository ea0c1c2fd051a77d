import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { madeUpToken } from "./messages-api-request.ts";

/** An account home with a made-up login. */
export interface SandboxAccount {
  readonly name: string;
  /** Absolute; `.claude-<name>` in the sandbox's HOME. */
  readonly home: string;
}

const YEAR_MS = 365 * 86_400_000;

/**
 * Makes an account home with a login in the client's own form, valid for a year, for nobody. `index`
 * keeps the files' mtimes apart: written in the same instant they would be equal, and a flip between
 * them would go unnoticed (client facts 2).
 */
export async function writeAccount(account: SandboxAccount, index: number): Promise<void> {
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
  const file = join(account.home, ".credentials.json");
  await writeFile(file, JSON.stringify(login), { mode: 0o600 });
  const writtenAt = new Date(Date.now() - 60_000 * (index + 1));
  await utimes(file, writtenAt, writtenAt);
}
