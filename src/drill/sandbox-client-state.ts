import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxAccount } from "./sandbox-account.ts";

interface ClientState {
  readonly home: string;
  readonly accounts: readonly SandboxAccount[];
  readonly trusted: readonly string[];
}

/**
 * Writes what the client remembers, so that it asks nothing at its start: onboarding done, theme
 * chosen, projects trusted. `~/.claude.json` is in force with the shared slot, the one inside a
 * home with a slot of its own (client facts 3, 4).
 */
export async function writeClientState(state: ClientState): Promise<void> {
  const [first] = state.accounts;
  if (first !== undefined) await write(join(state.home, ".claude.json"), first, state.trusted);
  for (const account of state.accounts) {
    await write(join(account.home, ".claude.json"), account, state.trusted);
  }
}

async function write(
  path: string,
  account: SandboxAccount,
  trusted: readonly string[],
): Promise<void> {
  const projects = Object.fromEntries(
    trusted.map((folder) => [
      folder,
      { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true },
    ]),
  );
  const state = {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: "999.0.0",
    theme: "dark",
    autoUpdates: false,
    oauthAccount: {
      accountUuid: madeUpUuid(`account ${account.name}`),
      emailAddress: `${account.name}@example.test`,
      organizationUuid: madeUpUuid(`organization ${account.name}`),
      organizationName: `Example ${account.name}`,
    },
    projects,
  };
  await writeFile(path, JSON.stringify(state), { mode: 0o600 });
}

function madeUpUuid(seed: string): string {
  const hex = createHash("sha256").update(seed).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
