import type {
  AccountView,
  Evidence,
  Observation,
  PolicySettings,
  Refusal,
} from "../../src/policy/model.ts";

/** The instant at which everything of these samples happens; epoch ms. */
export const NOW = Date.parse("2026-11-20T12:00:00Z");
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** An account that may take over. */
export function accountNamed(name: string, changes: Partial<AccountView> = {}): AccountView {
  return {
    name,
    priority: 1,
    ceiling: { fiveHour: 95, weekly: 98 },
    exhaustedUntil: null,
    quarantined: null,
    diedAt: null,
    paidUntil: null,
    loggedIn: true,
    linkProblem: null,
    identityProblem: null,
    windows: [],
    ...changes,
  };
}

/** A five-hour limit that resets in two hours. */
export function limitRefusal(changes: Partial<Refusal> = {}): Refusal {
  return {
    class: "usageLimit",
    window: "fiveHour",
    resetsAt: NOW + 2 * HOUR,
    pattern: "row:quotaLimits",
    text: "You've hit your 5-hour limit · resets 2pm (UTC)",
    ...changes,
  };
}

/** A row's evidence against `one`, of a moment ago. */
export function evidenceOf(
  changes: Partial<Omit<Evidence, "refusal">> & { refusal?: Partial<Refusal> } = {},
): Evidence {
  const { refusal, ...rest } = changes;
  return {
    id: "e-1",
    channel: "row",
    session: "ccl-1",
    sessionId: "00000000-0000-4000-8000-000000000001",
    promptId: "p-1",
    account: "one",
    requestedAt: NOW - 2_000,
    observedAt: NOW - 1_000,
    ...rest,
    refusal: limitRefusal(refusal),
  };
}

/** `one` is active and has reached its limit; `two` may take over. */
export function observationOf(changes: Partial<Observation> = {}): Observation {
  return {
    active: "one",
    accounts: [
      accountNamed("one", { exhaustedUntil: NOW + 2 * HOUR }),
      accountNamed("two", { priority: 2 }),
    ],
    evidence: [evidenceOf()],
    limit: null,
    paused: false,
    held: null,
    switchoverOpen: false,
    slotProblem: null,
    lastSwitchAt: null,
    activeSince: NOW - 24 * HOUR,
    pinned: null,
    atTurnEnd: true,
    models: [],
    spending: [],
    jitterMs: 0,
    answered: null,
    refused: [],
    ...changes,
  };
}

export const SETTINGS: PolicySettings = {
  mode: "auto",
  candidate: "priority",
  cooldownMs: 5 * MINUTE,
  failback: { enabled: true, delayMs: 10 * MINUTE },
  overage: "avoid",
  accountTrouble: "failover",
};
