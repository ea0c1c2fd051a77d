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
    const used = usedAt(usage, now);
    if (ceiling !== null && used !== null && used >= ceiling)
      found.push({
        code: "aboveCeiling",
        text: `its ${usage.window} window is at ${used} %, its ceiling is ${ceiling} %`,
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
      rank(a, rule, now) - rank(b, rule, now) ||
      a.priority - b.priority ||
      (a.name < b.name ? -1 : 1),
  );
  return ranked[0] ?? null;
}

function rank(account: AccountView, rule: CandidateRule, now: number): number {
  switch (rule) {
    case "priority":
      return account.priority;
    case "mostHeadroom":
      return Math.max(0, ...account.windows.map((usage) => usedAt(usage, now) ?? 0));
    case "soonestReset": {
      const resets = account.windows.flatMap(({ resetsAt }) =>
        resetsAt !== null && resetsAt > now ? [resetsAt] : [],
      );
      return resets.length === 0 ? Number.MAX_SAFE_INTEGER : Math.min(...resets);
    }
  }
}

/** A percentage from before the window's reset says nothing any more: nobody updates a standby's. */
function usedAt({ usedPercent, resetsAt }: WindowUsage, now: number): number | null {
  return resetsAt !== null && resetsAt <= now ? null : usedPercent;
}

function ceilingOf(account: AccountView, usage: WindowUsage): number | null {
  if (usage.window === "fiveHour") return account.ceiling.fiveHour;
  return usage.window === "weekly" ? account.ceiling.weekly : null;
}
