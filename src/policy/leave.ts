import type { AccountView, Decision, Evidence, ReasonCode } from "./model.ts";
import { hasRoom, limitationsOf } from "./candidate.ts";
import { isTrouble } from "./cut-off.ts";
import { rfc3339 } from "./rfc3339.ts";
import { candidate, coolingDown, move, stay, type Scene } from "./scene.ts";
import { ceilingOf, usedAt } from "./windows.ts";

/** Two accounts that die within this time die of something else than themselves. */
const AUTH_HOLD_MS = 30 * 60_000;

/** The active account is kept out: its login is dead, its bill unpaid, or an operator said so. */
export function decideOnTrouble(scene: Scene): Decision | null {
  const { seen, settings, active } = scene;
  if (active === null || active.quarantined === null) return null;
  const { name, quarantined, diedAt } = active;
  const told = `${name} is quarantined: ${quarantined}`;
  if (settings.accountTrouble === "stay" && diedAt !== null)
    return stay(scene, "accountTrouble", `${told}; see to the account, as configured`);
  const others = seen.accounts.filter(
    (each) =>
      each.name !== name &&
      each.diedAt !== null &&
      Math.abs(each.diedAt - (diedAt ?? 0)) < AUTH_HOLD_MS,
  );
  if (diedAt !== null && others.length > 0)
    return stay(
      scene,
      "authHold",
      `${told}, and so is ${others
        .map((each) => each.name)
        .toSorted()
        .join(", ")} within ${AUTH_HOLD_MS / 60_000} min: nothing moves until one is released`,
    );
  const cooling = coolingDown(scene, told);
  if (cooling !== null) return cooling;
  const target = candidate(scene, { strict: false });
  if (target === null)
    return stay(scene, "accountTrouble", `${told}; no other account may take over`);
  const trigger = seen.evidence.findLast((item) => isTrouble(item) && item.account === name);
  return go(scene, target, {
    code: "accountDead",
    text: told,
    trigger: trigger ?? null,
    key: `dead:${name}`,
  });
}

/** The plan is used up and the account goes on at a price. Nothing is cut by leaving at once. */
export function decideOnPaidUsage(scene: Scene): Decision | null {
  const { settings, active, now } = scene;
  if (active === null || settings.overage === "allow") return null;
  if (active.paidUntil === null || active.paidUntil <= now) return null;
  const told = `${active.name} is on paid usage until ${rfc3339(active.paidUntil)}`;
  const cooling = coolingDown(scene, told);
  if (cooling !== null) return cooling;
  const target = candidate(scene, { strict: false });
  if (target === null)
    return stay(scene, "paidUsage", `${told}; no other account may take over`, active.paidUntil);
  return go(scene, target, { code: "paidUsage", text: told, key: `paid:${active.name}` });
}

/** A window of the active account has reached its threshold: leave at a turn's end, before the limit. */
export function decideOnThreshold(scene: Scene): Decision | null {
  const { seen, active } = scene;
  const reached = active === null ? null : thresholdOf(active, scene);
  if (active === null || reached === null) return null;
  if (seen.pinned === active.name)
    return stay(scene, "pinned", `${reached}; an operator switched to it, until failback`);
  const target = candidate(scene, { strict: true });
  if (target === null)
    return stay(scene, "nearLimit", `${reached}; no other account has more left, so it is used up`);
  return (
    coolingDown(scene, reached) ??
    atTurnEnd(scene, reached) ??
    go(scene, target, { code: "thresholdReached", text: reached, key: `threshold:${active.name}` })
  );
}

function thresholdOf(active: AccountView, { seen, now }: Scene): string | null {
  for (const usage of active.windows) {
    const ceiling = ceilingOf(active, usage.window, seen.models);
    const used = usedAt(usage, now);
    if (ceiling !== null && ceiling < 100 && used !== null && used >= ceiling)
      return `the ${usage.window} window of ${active.name} is at ${used} %, its threshold is ${ceiling} %`;
  }
  return null;
}

/** Back to a preferred account, a while after it is free again. Only a fixed order prefers one. */
export function decideOnFailback(scene: Scene): Decision | null {
  const { seen, settings, active, now, look } = scene;
  const { enabled, delayMs } = settings.failback;
  if (!enabled || settings.candidate !== "priority" || active === null) return null;
  const free = preferredTo(active.name, seen.accounts).filter(
    (account) => limitationsOf(account, look).length === 0 && hasRoom(account, look),
  );
  // One that refused just now is waited for only where no other is preferred.
  const target = free.find(({ name }) => !seen.refused.includes(name)) ?? free[0];
  if (target === undefined) return null;
  const told = `${target.name} is preferred to ${active.name} and free again`;
  if (seen.pinned === active.name)
    return stay(scene, "pinned", `${told}; an operator switched to ${active.name}, until failback`);
  const at = Math.max(freeSince(target, now), seen.activeSince) + delayMs;
  if (now < at) return stay(scene, "failbackLater", `${told}; back to it at ${rfc3339(at)}`, at);
  const due = {
    cause: "failback" as const,
    from: active.name,
    to: target.name,
    trigger: null,
    key: `failback:${target.name}`,
  };
  return (
    coolingDown(scene, told) ??
    atTurnEnd(scene, told) ??
    move(scene, due, { code: "failbackDue", text: told })
  );
}

/** The accounts with a lower number than the one named, the most preferred first. */
export function preferredTo(active: string, accounts: readonly AccountView[]): AccountView[] {
  const priority = accounts.find(({ name }) => name === active)?.priority ?? Infinity;
  return accounts
    .filter((each) => each.priority < priority)
    .toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
}

/** When what kept it out was over; 0 when nothing did. */
function freeSince({ exhaustedUntil, windows }: AccountView, now: number): number {
  const resets = windows.map(({ resetsAt }) => resetsAt ?? 0).filter((at) => at <= now);
  return Math.max(0, exhaustedUntil ?? 0, ...resets);
}

/** Nobody is in a hurry: in mode auto the move waits for a turn's end; an answer may come any time. */
function atTurnEnd(scene: Scene, text: string): Decision | null {
  if (scene.seen.atTurnEnd || scene.settings.mode !== "auto") return null;
  return stay(scene, "turnEnd", `${text}; the move waits for the end of a turn`);
}

function go(
  scene: Scene,
  target: AccountView,
  because: { code: ReasonCode; text: string; key: string; trigger?: Evidence | null },
): Decision {
  const { settings, seen } = scene;
  const { code, key, trigger = null } = because;
  const due = { cause: "failover" as const, from: seen.active, to: target.name, trigger, key };
  const text = `${because.text}; ${target.name} is the candidate by ${settings.candidate}`;
  return move(scene, due, { code, text });
}
