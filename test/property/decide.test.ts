import fc from "fast-check";
import { expect, it } from "vitest";
import { decide } from "../../src/policy/decide.ts";
import {
  REASON_CODES,
  type AccountView,
  type Decision,
  type Evidence,
  type Observation,
  type PolicySettings,
  type WindowUsage,
} from "../../src/policy/model.ts";
import { calm, evidence, observations, policySettings } from "../support/policy-arbitraries.ts";
import { limitationsOf } from "../../src/policy/candidate.ts";
import { MINUTE, NOW, observationOf } from "../support/policy-samples.ts";

type Move = Extract<Decision, { kind: "failover" | "propose" }>;

function isMove(decision: Decision): decision is Move {
  return decision.kind === "failover" || decision.kind === "propose";
}

/** Looks at the decision about any observation with any settings. */
function expectForAnyDecision(
  look: (decision: Decision, seen: Observation, settings: PolicySettings) => void,
): void {
  fc.assert(
    fc.property(observations, policySettings, (seen, settings) => {
      look(decide(seen, settings, NOW), seen, settings);
    }),
    { numRuns: 2_000 },
  );
}

/** The same with evidence that is only of this kind. */
function expectForAnyEvidence(
  only: (item: Evidence) => Evidence,
  look: (decision: Decision) => void,
): void {
  const all = fc.array(evidence.map(only), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(observations, all, policySettings, (seen, items, settings) => {
      look(decide({ ...calm(seen), evidence: items }, settings, NOW));
    }),
    { numRuns: 1_000 },
  );
}

function overCeiling({ window, usedPercent, resetsAt }: WindowUsage, of: AccountView): boolean {
  if (window !== "fiveHour" && window !== "weekly") return false;
  return (usedPercent ?? 0) >= of.ceiling[window] && (resetsAt ?? Infinity) > NOW;
}

it("moves only to an account that can work, and above a ceiling only where nobody below is willing", () => {
  let moves = 0;
  expectForAnyDecision((decision, seen) => {
    if (!isMove(decision)) return;
    moves += 1;
    const to = seen.accounts.find(({ name }) => name === decision.to);
    expect(to).toMatchObject({
      quarantined: null,
      loggedIn: true,
      linkProblem: null,
      identityProblem: null,
    });
    expect(decision.to).not.toBe(seen.active);
    expect(to?.exhaustedUntil ?? 0).toBeLessThanOrEqual(NOW);
    const isAbove = to?.windows.some((usage) => overCeiling(usage, to)) === true;
    const free = decision.accounts.filter(
      ({ account, limitations }) => limitations.length === 0 && !seen.refused.includes(account),
    );
    if (isAbove) expect(free).toEqual([]);
    const codes = to === undefined ? [] : limitationsOf(to, { ...seen, now: NOW });
    expect(codes.map(({ code }) => code)).not.toContain("nearlySpent");
  });
  expect(moves).toBeGreaterThan(50);
});

it("moves only for a reason that is there: a refusal, a quarantine, money, a threshold, a preference", () => {
  const seenCodes = new Set<string>();
  expectForAnyDecision((decision, seen, settings) => {
    if (!isMove(decision)) return;
    const { code } = decision.reason;
    seenCodes.add(code);
    const active = seen.accounts.find(({ name }) => name === seen.active);
    const to = seen.accounts.find(({ name }) => name === decision.to);
    expect(decision.from).toBe(seen.active);
    if (active === undefined || to === undefined) throw new Error("no such account");
    if (code.startsWith("limitReached")) {
      expect([...seen.evidence, seen.limit]).toContain(decision.trigger);
      expect(decision.trigger).toMatchObject({
        account: seen.active,
        channel: expect.stringMatching(/^(row|hook)$/),
        refusal: { class: "usageLimit" },
      } satisfies { [key in keyof Partial<Evidence>]: unknown });
      const model = /^model:(.*)$/.exec(decision.trigger?.refusal.window ?? "")?.[1];
      if (model !== undefined) expect(seen.models.join(" ")).toContain(model);
    }
    if (code === "accountDead") expect(active.quarantined).not.toBeNull();
    if (code === "paidUsage") expect(active.paidUntil ?? 0).toBeGreaterThan(NOW);
    if (code === "thresholdReached") expectThreshold(seen, active, to);
    if (code === "failbackDue") {
      expect(decision.cause).toBe("failback");
      expect(to.priority).toBeLessThan(active.priority);
      expect(settings).toMatchObject({ candidate: "priority", failback: { enabled: true } });
    }
  });
  expect([...seenCodes]).toEqual(
    expect.arrayContaining([
      "limitReached",
      "accountDead",
      "paidUsage",
      "thresholdReached",
      "failbackDue",
    ]),
  );
});

/** It is left above a threshold, for one that is well below. */
function expectThreshold(seen: Observation, active: AccountView, to: AccountView): void {
  const isOver = (usage: WindowUsage): boolean =>
    overCeiling(usage, active) || usage.window.startsWith("model:");
  expect(active.windows.some(isOver)).toBe(true);
  const margin = { fiveHour: to.ceiling.fiveHour - 4, weekly: to.ceiling.weekly - 4 };
  expect(to.windows.filter((usage) => overCeiling(usage, { ...to, ceiling: margin }))).toEqual([]);
  expect(seen.pinned).not.toBe(active.name);
}

it("cuts no turn where nothing was refused: it waits for a turn's end, and never leaves a pin", () => {
  expectForAnyDecision((decision, seen) => {
    if (!isMove(decision) || !/^(thresholdReached|failbackDue)$/.test(decision.reason.code)) return;
    expect(decision.kind === "propose" || seen.atTurnEnd).toBe(true);
    expect(seen.pinned).not.toBe(seen.active);
  });
});

it("does not leave a third account when two died together", () => {
  let held = 0;
  fc.assert(
    fc.property(
      observations,
      policySettings,
      fc.integer({ min: -29, max: 29 }),
      (seen, settings, apart) => {
        const accounts = ["one", "two", "three"].map((name, index) => ({
          ...(seen.accounts[index] ?? observationOf().accounts[1] ?? never()),
          name,
          ...(index < 2
            ? { quarantined: "auth", diedAt: NOW - 60 * MINUTE + index * apart * MINUTE }
            : {}),
        }));
        const decision = decide({ ...calm(seen), accounts, evidence: [] }, settings, NOW);
        expect(isMove(decision)).toBe(false);
        if (decision.reason.code === "authHold") held += 1;
      },
    ),
  );
  expect(held).toBeGreaterThan(20);
});

it("asks for nothing twice that was declined", () => {
  expectForAnyDecision((decision, seen) => {
    if (decision.kind === "propose" && decision.reason.code !== "limitReachedNotify") {
      const again = decide({ ...seen, answered: decision.key }, { ...asks, cooldownMs: 0 }, NOW);
      if (isMove(again)) expect(again.key).not.toBe(decision.key);
    }
  });
});

it("moves by itself in mode auto alone", () => {
  expectForAnyDecision((decision, _seen, { mode }) => {
    expect(decision.kind === "failover" && mode !== "auto").toBe(false);
    expect(decision.kind === "propose" && mode === "auto").toBe(false);
  });
});

it("moves in no cooldown, and while paused, held, switching or without a slot only stays", () => {
  expectForAnyDecision((decision, seen, { cooldownMs }) => {
    const { paused, held, switchoverOpen, slotProblem } = seen;
    if (paused || held !== null || switchoverOpen || slotProblem !== null)
      expect(decision.kind).toBe("stay");
    if (seen.lastSwitchAt !== null && NOW < seen.lastSwitchAt + cooldownMs)
      expect(isMove(decision)).toBe(false);
  });
});

it("gives every decision a reason with a code and a text, and tells about every account", () => {
  expectForAnyDecision(({ reason, accounts }, seen) => {
    expect(REASON_CODES).toContain(reason.code);
    expect(reason.text.trim()).not.toBe("");
    expect(accounts.map(({ account }) => account)).toEqual(seen.accounts.map(({ name }) => name));
  });
});

it("asks to look again only at an instant that is still to come", () => {
  expectForAnyDecision((decision) => {
    if (decision.kind === "stay" || decision.kind === "wait")
      expect(decision.until ?? Infinity).toBeGreaterThan(NOW);
  });
});

it("decides the same about the same, and changes nothing of what it is given", () => {
  fc.assert(
    fc.property(observations, policySettings, (seen, settings) => {
      const copy = structuredClone(seen);
      const decision = decide(deepFreeze(seen), deepFreeze(settings), NOW);
      expect(seen).toEqual(copy);
      expect(decide(copy, settings, NOW)).toEqual(decision);
    }),
    { numRuns: 500 },
  );
});

it("does not care in which order the accounts are written", () => {
  fc.assert(
    fc.property(observations, policySettings, (seen, settings) => {
      const turned = { ...seen, accounts: seen.accounts.toReversed() };
      const { accounts: _one, ...decision } = decide(seen, settings, NOW);
      const { accounts: _two, ...again } = decide(turned, settings, NOW);
      expect(again).toEqual(decision);
    }),
    { numRuns: 500 },
  );
});

it("switches once per limit: after the move the same evidence moves nothing", () => {
  expectForAnyDecision((decision, seen, settings) => {
    if (!isMove(decision)) return;
    const own = seen.evidence.filter(({ account }) => account !== decision.to);
    const spent = { exhaustedUntil: NOW + 60 * MINUTE };
    const accounts = seen.accounts.map((account) =>
      account.name === decision.from && decision.reason.code.startsWith("limit")
        ? { ...account, ...spent }
        : account,
    );
    const after = { ...seen, accounts, active: decision.to, evidence: own, activeSince: NOW };
    const next = decide({ ...after, lastSwitchAt: null }, settings, NOW);
    // A better one that refused a moment ago is still wanted; the flip to it waits.
    if (isMove(next)) expect(seen.refused).toContain(next.to);
    else expect(next.kind).toBe("stay");
  });
});

it("misses no limit: when the active account is spent it moves, waits, or says what is between", () => {
  fc.assert(
    fc.property(observations, policySettings, (seen, settings) => {
      const { evidence: limits } = observationOf();
      const spent = { ...seen, evidence: [...limits, ...seen.evidence] };
      const { reason } = decide(spent, settings, NOW);
      expect(reason.code).not.toMatch(/^(healthy|notConfirmed|backOff|modelOnly|accountTrouble)$/);
    }),
    { numRuns: 1_000 },
  );
});

it("stays for a busy server, a dead login and everything else that is no usage limit", () => {
  const other = (item: Evidence): Evidence =>
    item.refusal.class === "usageLimit"
      ? { ...item, refusal: { ...item.refusal, class: "serverBusy" } }
      : item;
  expectForAnyEvidence(other, (decision) => expect(decision.kind).toBe("stay"));
});

it("stays for a model's own limit", () => {
  const ofModel = (item: Evidence): Evidence => ({
    ...item,
    refusal: { ...item.refusal, class: "usageLimit", window: "model:opus" },
  });
  expectForAnyEvidence(ofModel, (decision) => expect(decision.kind).toBe("stay"));
});

it("stays for what only a screen or a status line says", () => {
  const onScreen = (item: Evidence): Evidence => ({ ...item, channel: "pane" });
  expectForAnyEvidence(onScreen, (decision) => expect(decision.kind).toBe("stay"));
});

const asks: PolicySettings = {
  mode: "confirm",
  candidate: "priority",
  cooldownMs: 0,
  failback: { enabled: true, delayMs: MINUTE },
  overage: "avoid",
  accountTrouble: "failover",
};

function never(): never {
  throw new Error("the samples have two accounts");
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
