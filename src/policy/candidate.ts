import type { AccountView, CandidateRule, Limitation, WindowUsage } from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";

/**
 * Every reason why `account` may not take over at `now` (epoch ms); none means it is a candidate.
 */
export function limitationsOf(account: AccountView, active: string, now: number): Limitation[] {
  const found: Limitation[] = [];
  if (account.name === active)
    found.push({ code: "isActive", text: "it is the active account already" });
  if (account.quarantined !== null)
    found.push({ code: "quarantined", text: `it is quarantined: ${account.quarantined}` });
  if (!account.loggedIn) found.push({ code: "loggedOut", text: "its home holds no login" });
  if (account.linkProblem !== null) found.push({ code: "linksBroken", text: account.linkProblem });
  if (account.identityProblem !== null)
    found.push({ code: "identityChanged", text: account.identityProblem });
  if (account.exhaustedUntil !== null && account.exhaustedUntil > now)
    found.push({
      code: "exhausted",
      text: `it is exhausted until ${rfc3339(account.exhaustedUntil)}`,
    });
  for (const usage of account.windows) {
    const ceiling = ceilingOf(account, usage);
    if (ceiling !== null && usage.usedPercent !== null && usage.usedPercent >= ceiling)
      found.push({
        code: "aboveCeiling",
        text: `its ${usage.window} window is at ${usage.usedPercent} %, its ceiling is ${ceiling} %`,
      });
  }
  return found;
}

/** The account to move to at `now`, or null. Ties go to the higher priority, then to the name. */
export function pickCandidate(
  accounts: readonly AccountView[],
  active: string,
  rule: CandidateRule,
  now: number,
): AccountView | null {
  const free = accounts.filter((account) => limitationsOf(account, active, now).length === 0);
  const ranked = free.toSorted(
    (a, b) =>
      rank(a, rule) - rank(b, rule) || a.priority - b.priority || (a.name < b.name ? -1 : 1),
  );
  return ranked[0] ?? null;
}

function rank(account: AccountView, rule: CandidateRule): number {
  switch (rule) {
    case "priority":
      return account.priority;
    case "mostHeadroom":
      return Math.max(0, ...account.windows.map((usage) => usage.usedPercent ?? 0));
    case "soonestReset": {
      const resets = account.windows.flatMap((usage) => usage.resetsAt ?? []);
      return resets.length === 0 ? Number.MAX_SAFE_INTEGER : Math.min(...resets);
    }
  }
}

function ceilingOf(account: AccountView, usage: WindowUsage): number | null {
  if (usage.window === "fiveHour") return account.ceiling.fiveHour;
  return usage.window === "weekly" ? account.ceiling.weekly : null;
}
