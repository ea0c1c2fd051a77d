import { limitationsOf, pickCandidate, type CandidateLook, type Choice } from "./candidate.ts";
import type {
  AccountLimitations,
  AccountView,
  Decision,
  Due,
  Observation,
  PolicySettings,
  Reason,
  ReasonCode,
} from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";

/** What the parts of one decision share. */
export interface Scene {
  readonly seen: Observation;
  readonly settings: PolicySettings;
  readonly now: number;
  readonly active: AccountView | null;
  readonly look: CandidateLook;
  /** What stands in the way of every account. */
  readonly accounts: readonly AccountLimitations[];
}

export function sceneOf(seen: Observation, settings: PolicySettings, now: number): Scene {
  const { active, spending, models, jitterMs, refused } = seen;
  const { overage } = settings;
  const look = { active, now, spending, models, jitterMs, refused, overage };
  return {
    seen,
    settings,
    now,
    look,
    active: seen.accounts.find(({ name }) => name === active) ?? null,
    accounts: seen.accounts.map((account) => ({
      account: account.name,
      limitations: limitationsOf(account, look),
    })),
  };
}

export function stay(
  { accounts }: Scene,
  code: ReasonCode,
  text: string,
  until: number | null = null,
): Decision {
  return { kind: "stay", reason: { code, text }, until, accounts };
}

export function candidate(scene: Scene, choice: Pick<Choice, "strict" | "needs">) {
  const { seen, settings, look, accounts: known } = scene;
  const { accounts } = seen;
  return pickCandidate({ accounts, known, rule: settings.candidate, ...choice }, look);
}

/** The decision to stay for the cooldown because of `text`, or null when there is none. */
export function coolingDown(scene: Scene, text: string): Decision | null {
  const { seen, settings, now } = scene;
  const end = seen.lastSwitchAt === null ? 0 : seen.lastSwitchAt + settings.cooldownMs;
  if (now >= end) return null;
  const told = `${text}; the last switch is less than the cooldown ago, which ends ${rfc3339(end)}`;
  return stay(scene, "cooldown", told, end);
}

/** Moves, asks or tells, as the mode says; what was answered already is not asked again. */
export function move(scene: Scene, due: Due, reason: Reason): Decision {
  const { settings, seen, accounts } = scene;
  const { mode } = settings;
  if (mode === "auto") return { kind: "failover", ...due, reason, accounts };
  if (mode === "confirm" && seen.answered === due.key)
    return stay(scene, "declined", `${reason.text}; not wanted, as the operator was asked`);
  const more = mode === "confirm" ? "waiting for the operator's word" : "only telling";
  const text = `${reason.text}; ${more}`;
  return { kind: "propose", ...due, reason: { code: reason.code, text }, accounts };
}
