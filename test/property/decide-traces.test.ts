import fc from "fast-check";
import { expect, it } from "vitest";
import { decide } from "../../src/policy/decide.ts";
import type { Due, Observation, PolicySettings, ReasonCode } from "../../src/policy/model.ts";
import { usedAt } from "../../src/policy/windows.ts";
import { generateAccounts, generateTurns } from "../../src/simulate/generate.ts";
import type { SimulatedPolicy } from "../../src/simulate/model.ts";
import { HOUR, MINUTE, SETTINGS } from "../support/policy-samples.ts";
import { outcomeOf } from "../support/simulated.ts";

interface Moved extends Due {
  readonly at: number;
  readonly code: ReasonCode;
  readonly seen: Observation;
}

const worlds = fc.record({
  seed: fc.nat(1_000_000),
  accounts: fc.integer({ min: 2, max: 4 }),
  sessions: fc.integer({ min: 1, max: 6 }),
  load: fc.double({ min: 0.3, max: 1.2, noNaN: true }),
  candidate: fc.constantFrom("priority", "mostHeadroom", "soonestReset"),
  ceiling: fc.constantFrom(100, 98, 95, 90, 60),
  cooldownMs: fc.constantFrom(0, 5 * MINUTE, HOUR),
  delayMs: fc.constantFrom(MINUTE, HOUR),
});

type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

/** Plays a week of generated usage with the decision that the daemon runs, and tells every move. */
function movesIn({ seed, sessions, load, ceiling, ...rest }: World): Moved[] {
  const { candidate, cooldownMs, delayMs } = rest;
  const failback = { enabled: true, delayMs };
  const settings: PolicySettings = { ...SETTINGS, candidate, cooldownMs, failback };
  const accounts = generateAccounts(rest.accounts, { seed });
  const moves: Moved[] = [];
  const policy: SimulatedPolicy = {
    name: "watched",
    ceiling: { fiveHour: ceiling, weekly: ceiling },
    knows: "answers",
    readsPace: true,
    decide: (seen, now) => {
      const decision = decide(seen, settings, now);
      if (decision.kind === "failover")
        moves.push({ ...decision, at: now, code: decision.reason.code, seen });
      return decision;
    },
  };
  outcomeOf(policy, accounts, generateTurns({ sessions, weeks: 1, seed, load, accounts }));
  return moves;
}

/** Until when nothing may bring the fleet back to what it left, unless nothing else is left. */
function outUntil({ code, from, seen, at }: Moved): number {
  const left = seen.accounts.find(({ name }) => name === from);
  if (code === "limitReached") return left?.exhaustedUntil ?? at;
  const over = (left?.windows ?? []).filter(
    (usage) => (usedAt(usage, at) ?? 0) >= (left?.ceiling.fiveHour ?? 0),
  );
  return code === "thresholdReached" ? Math.min(...over.map(({ resetsAt }) => resetsAt ?? at)) : at;
}

it("never goes to and fro: whatever is used, nobody returns before what he left for is over", () => {
  let count = 0;
  fc.assert(
    fc.property(worlds, (world) => {
      const moves = movesIn(world);
      count += moves.length;
      for (const [index, move] of moves.entries()) {
        const before = moves[index - 1];
        if (before !== undefined) {
          expect(move.from).toBe(before.to);
          expect(move.at - before.at).toBeGreaterThanOrEqual(world.cooldownMs);
          if (move.code === "failbackDue")
            expect(move.at - before.at).toBeGreaterThanOrEqual(world.delayMs);
        }
        for (const later of moves.slice(index + 1)) {
          if (later.to !== move.from || later.at >= outUntil(move)) continue;
          // At a limit one above its threshold is better than none; one at its limit never is.
          expect([move.code, later.code]).toEqual(["thresholdReached", "limitReached"]);
        }
      }
    }),
    { numRuns: 40 },
  );
  expect(count).toBeGreaterThan(200);
});
