import { limitationsOf, pickCandidate } from "./candidate.ts";
import { confirmedLimits } from "./evidence.ts";
import type {
  AccountLimitations,
  Decision,
  Evidence,
  Observation,
  PolicySettings,
  Reason,
  ReasonCode,
} from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";
import { spendsWholeAccount } from "./windows.ts";

/**
 * What to do about `observation` at `now` (epoch ms). Pure: the same input gives the same decision,
 * and every decision, also to stay, says why. The guards stand in the order in which they count.
 */
export function decide(observation: Observation, settings: PolicySettings, now: number): Decision {
  const accounts = limitationsOfAll(observation, now);
  const stay = (code: ReasonCode, text: string, until: number | null = null): Decision => ({
    kind: "stay",
    reason: { code, text },
    until,
    accounts,
  });
  if (observation.held !== null) return stay("held", `a switchover is held: ${observation.held}`);
  if (observation.paused) return stay("paused", "paused: observing only");
  if (observation.switchoverOpen) return stay("switchoverOpen", "a switchover is under way");

  const trigger = findTrigger(observation);
  if (trigger === null) return stayHealthy(observation, stay);
  if (isOver(observation, trigger, now)) return goOn(observation, accounts);

  const cooldownEnd =
    observation.lastSwitchAt === null ? 0 : observation.lastSwitchAt + settings.cooldownMs;
  if (now < cooldownEnd)
    return stay(
      "cooldown",
      `${limitText(trigger)}; the last switch is less than the cooldown ago, which ends ${rfc3339(cooldownEnd)}`,
      cooldownEnd,
    );

  const target = pickCandidate(observation.accounts, observation.active, settings.candidate, now);
  if (target === null) return waitForReset({ observation, trigger, accounts, now });
  return move({ observation, settings, trigger, to: target.name, accounts });
}

/** The newest confirmed refusal that spends the active account as a whole. */
function findTrigger(observation: Observation): Evidence | null {
  const limits = confirmedLimits(observation.evidence, observation.active);
  return limits.findLast((item) => spendsWholeAccount(item.refusal)) ?? null;
}

/** Whether the active account's limit has been reset since it was reached. */
function isOver(observation: Observation, trigger: Evidence, now: number): boolean {
  const active = observation.accounts.find((account) => account.name === observation.active);
  const until = active?.exhaustedUntil ?? null;
  return until !== null && until > trigger.observedAt && until <= now;
}

function goOn(observation: Observation, accounts: readonly AccountLimitations[]): Decision {
  const { active, evidence } = observation;
  const cutOff = confirmedLimits(evidence, active)
    .filter((item) => spendsWholeAccount(item.refusal))
    .map((item) => item.session);
  const text = `the limit of ${active} is over; ${cutOff.length} session(s) may go on`;
  return { kind: "continue", sessions: cutOff, reason: { code: "resetPassed", text }, accounts };
}

/** No trigger: say what was seen instead, so that "stay" is as well explained as a move. */
function stayHealthy(
  observation: Observation,
  stay: (code: ReasonCode, text: string) => Decision,
): Decision {
  const own = observation.evidence.filter((item) => item.account === observation.active);
  const last = own.at(-1);
  if (last === undefined) return stay("healthy", `no refusal stands against ${observation.active}`);
  const where = `session ${last.session}`;
  switch (last.refusal.class) {
    case "usageLimit":
      return spendsWholeAccount(last.refusal)
        ? stay("notConfirmed", `a limit is only suspected in ${where}: no hook or row confirms it`)
        : stay("modelOnly", `${where} reached a limit of one model; the account serves the others`);
    case "serverBusy":
    case "overload":
      return stay("backOff", `${where} met a busy server, which is no reason to switch`);
    case "auth":
    case "billing":
    case "orgPolicy":
      return stay(
        "accountTrouble",
        `${where} was refused (${last.refusal.class}); see to the account`,
      );
    case "contextOrRequest":
    case "unknown":
      return stay(
        "healthy",
        `${where} was refused for a reason of its own (${last.refusal.class})`,
      );
  }
}

function move(input: {
  observation: Observation;
  settings: PolicySettings;
  trigger: Evidence;
  to: string;
  accounts: readonly AccountLimitations[];
}): Decision {
  const { observation, settings, trigger, to, accounts } = input;
  const from = observation.active;
  const told = `${limitText(trigger)}; ${to} is the candidate by ${settings.candidate}`;
  const reasons: Record<PolicySettings["mode"], Reason> = {
    auto: { code: "limitReached", text: told },
    confirm: { code: "limitReachedAsk", text: `${told}; waiting for the operator's word` },
    notify: { code: "limitReachedNotify", text: `${told}; only telling, as configured` },
  };
  const kind = settings.mode === "auto" ? "failover" : "propose";
  return { kind, from, to, trigger, reason: reasons[settings.mode], accounts };
}

function waitForReset(input: {
  observation: Observation;
  trigger: Evidence;
  accounts: readonly AccountLimitations[];
  now: number;
}): Decision {
  const { observation, trigger, accounts, now } = input;
  const resets = observation.accounts.flatMap((account) =>
    account.exhaustedUntil !== null && account.exhaustedUntil > now ? [account.exhaustedUntil] : [],
  );
  const until = resets.length === 0 ? null : Math.min(...resets);
  const exhausted = accounts.every((item) =>
    item.limitations.some((each) => each.code === "exhausted" || each.code === "isActive"),
  );
  const wait = until === null ? "no reset is known" : `the earliest reset is ${rfc3339(until)}`;
  const reason: Reason = exhausted
    ? { code: "allExhausted", text: `${limitText(trigger)}; every account is exhausted, ${wait}` }
    : {
        code: "noCandidate",
        text: `${limitText(trigger)}; no other account may take over, ${wait}`,
      };
  return { kind: "wait", until, reason, accounts };
}

function limitText(trigger: Evidence): string {
  return `${trigger.account} reached its limit in session ${trigger.session}`;
}

function limitationsOfAll(observation: Observation, now: number): AccountLimitations[] {
  return observation.accounts.map((account) => ({
    account: account.name,
    limitations: limitationsOf(account, observation.active, now),
  }));
}
