import { shellWord } from "../claude/shell-quote.ts";
import { credentialsPresent, type CredentialsState } from "../accounts/identity.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";
import { accountsInSlots } from "./slot.ts";

const say = findingsOf("login");

export interface AccountLogin {
  readonly account: string;
  readonly home: string;
  readonly login: CredentialsState;
  /** It is in a slot. */
  readonly isActive: boolean;
}

/** Whether every account has a login, by `lstat` alone (client facts 9; design: invariant 2). */
export const loginCheck: Check<Scene> = {
  code: "login",
  look: async (scene) => {
    const active = new Set(accountsInSlots(scene).map(({ account }) => account));
    const logins = scene.config.accounts.map(async ({ name, home }) => ({
      account: name,
      home,
      login: await credentialsPresent(home),
      isActive: active.has(name),
    }));
    return judgeLogins(await Promise.all(logins));
  },
};

/** Pure. */
export function judgeLogins(accounts: readonly AccountLogin[]): readonly Finding[] {
  const found = accounts.filter(({ login }) => login !== "present").map(judgeMissing);
  if (found.length > 0) return found;
  return [say.ok(`${accounts.map(({ account }) => account).join(", ")}: logged in.`)];
}

function judgeMissing({ account, home, login, isActive }: AccountLogin): Finding {
  if (login === "unknown")
    return say.unknown(
      `Whether account ${account} is logged in cannot be told.`,
      `Check owner and mode of ${home}.`,
    );
  const hint = `Log in with CLAUDE_CONFIG_DIR=${shellWord(home)} claude auth login.`;
  if (isActive) return say.bad(`Account ${account} is active and has no login.`, hint);
  return say.warn(`Account ${account} has no login: it cannot take over.`, hint);
}
