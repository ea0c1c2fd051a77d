import { credentialStat, planMtimeTick, type CredentialStat } from "../switchover/mtime-tick.ts";
import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { findingsOf, type Check, type Finding, type Scene } from "./model.ts";

const say = findingsOf("credentialTimes");

/** An account and what `lstat` says of its login; null where it has none. */
export interface AccountCredential {
  readonly account: string;
  readonly credential: CredentialStat;
}

/**
 * Whether two homes have logins of the same mtime: a running session does not notice a flip between
 * them (client facts 2). By `lstat` alone.
 */
export const credentialTimesCheck: Check<Scene> = {
  code: "credentialTimes",
  look: ({ config }) =>
    judgeCredentialTimes(
      config.accounts.map(({ name, home }) => ({
        account: name,
        credential: credentialStat(home, nodeSlotFs),
      })),
    ),
};

/** Pure. */
export function judgeCredentialTimes(accounts: readonly AccountCredential[]): readonly Finding[] {
  const odd = accounts
    .filter(({ credential }) => credential !== null && credential.kind !== "file")
    .map(({ account, credential }) =>
      say.bad(
        `The login of ${account} is no regular file but a ${credential?.kind ?? "?"}: no switchover can make sessions notice it.`,
        "Make .credentials.json a regular file of your own, or log in again there.",
      ),
    );
  const files = accounts.filter(({ credential }) => credential?.kind === "file");
  const equal = files.flatMap((one, index) =>
    files.slice(index + 1).flatMap((other) => judgePair(one, other)),
  );
  const found = [...odd, ...equal];
  return found.length > 0 ? found : [say.ok("No two logins have the same mtime.")];
}

function judgePair(one: AccountCredential, other: AccountCredential): Finding[] {
  const tick = planMtimeTick({ from: one.credential, to: other.credential });
  if (tick.kind !== "tick") return [];
  return [
    say.warn(
      `The logins of ${one.account} and ${other.account} have the same mtime: after a flip by hand, sessions would keep the old account.`,
      "A switchover sets it right by itself; switch with claude-failover switchover only.",
    ),
  ];
}
