import { realpathSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { LoginReader } from "./login.ts";
import type { ClientPlaces } from "./places.ts";
import { withRefreshLocks } from "./refresh-locks.ts";

const DAY_MS = 86_400_000;

/**
 * A token refresh as the client does it, with a wait of `ms` in place of the vendor's endpoint. If
 * the slot was flipped meanwhile the new tokens are written nowhere: that account has lost its login
 * (client facts 7). That is the failure a switchover must prevent.
 */
export async function refreshLogin(options: {
  places: ClientPlaces;
  login: LoginReader;
  ms: number;
}): Promise<"refreshed" | "lost" | "busy" | "loggedOut"> {
  const { configDir } = options.places;
  const before = options.login.current();
  if (before === null) return "loggedOut";
  let outcome: "refreshed" | "lost" = "lost";
  const ran = await withRefreshLocks(configDir, async () => {
    const home = realpathSync(configDir);
    await delay(options.ms);
    if (realpathSync(configDir) !== home) return;
    const next = {
      ...before,
      accessToken: nextSerial(before.accessToken),
      refreshToken: nextSerial(before.refreshToken),
      expiresAt: Date.now() + DAY_MS,
      scopes: ["user:inference", "user:profile"],
    };
    const file = join(home, ".credentials.json");
    const temp = `${file}.${process.pid}`;
    writeFileSync(temp, JSON.stringify({ claudeAiOauth: next }), { mode: 0o600 });
    renameSync(temp, file);
    outcome = "refreshed";
  });
  return ran ? outcome : "busy";
}

/** `…-0001` becomes `…-0002`: the next made-up token of the same account. */
function nextSerial(token: string): string {
  return token.replace(/\d+$/, (serial) => String(Number(serial) + 1).padStart(serial.length, "0"));
}
