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
import { evidence, observations, policySettings } from "../support/policy-arbitraries.ts";
import { NOW, observationOf } from "../support/policy-samples.ts";

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
      look(decide({ ...seen, evidence: items }, settings, NOW));
    }),
    { numRuns: 1_000 },
  );
}

function overCeiling({ window, usedPercent, resetsAt }: WindowUsage, of: AccountView): boolean {
  if (window !== "fiveHour" && window !== "weekly") return false;
  return (usedPercent ?? 0) >= of.ceiling[window] && (resetsAt ?? Infinity) > NOW;
}

it("moves only to an account against which nothing stands", () => {
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
    expect(to?.windows.filter((usage) => overCeiling(usage, to))).toEqual([]);
  });
  expect(moves).toBeGreaterThan(50);
});

it("moves only because of a limit of the whole active account that the client itself told", () => {
  expectForAnyDecision((decision, seen) => {
    if (!isMove(decision)) return;
    expect(decision.from).toBe(seen.active);
    expect(seen.evidence).toContain(decision.trigger);
    expect(decision.trigger).toMatchObject({
      account: seen.active,
      channel: expect.stringMatching(/^(row|hook)$/),
      refusal: { class: "usageLimit", window: expect.not.stringMatching(/^model:/) },
    } satisfies { [key in keyof Partial<Evidence>]: unknown });
  });
});

it("moves by itself in mode auto alone", () => {
  expectForAnyDecision((decision, _seen, { mode }) => {
    expect(decision.kind === "failover" && mode !== "auto").toBe(false);
    expect(decision.kind === "propose" && mode === "auto").toBe(false);
  });
});

it("moves in no cooldown, and while paused, held or switching only stays", () => {
  expectForAnyDecision((decision, seen, { cooldownMs }) => {
    if (seen.paused || seen.held !== null || seen.switchoverOpen)
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
    const after = { ...seen, active: decision.to, evidence: own, lastSwitchAt: null };
    expect(decide(after, settings, NOW)).toMatchObject({ kind: "stay" });
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

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
