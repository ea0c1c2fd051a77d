import fc from "fast-check";
import { expect, it } from "vitest";
import { Agenda } from "../../src/simulate/agenda.ts";
import { generateAccounts, generateTurns } from "../../src/simulate/generate.ts";
import { policyNames } from "../../src/simulate/policies.ts";
import { randomFrom } from "../../src/simulate/random.ts";
import { formatTrace, parseTrace } from "../../src/simulate/trace.ts";
import { outcomeOf, policyOf } from "../support/simulated.ts";

const worlds = fc
  .record({
    seed: fc.nat(1_000_000),
    accounts: fc.integer({ min: 1, max: 4 }),
    sessions: fc.integer({ min: 1, max: 6 }),
    load: fc.double({ min: 0.05, max: 1.2, noNaN: true }),
    policy: fc.constantFrom(...policyNames(), "priority@80/90", "mostHeadroom@off"),
    paidUsage: fc.boolean(),
  })
  .map(({ seed, accounts, sessions, load, policy, paidUsage }) => {
    const made = generateAccounts(accounts, { seed, paidUsage });
    const demand = { sessions, weeks: 1, seed, load, accounts: made };
    return { policy, paidUsage, accounts: made, turns: [...generateTurns(demand)] };
  });

it("gives the same for the same seed, in whatever steps it is played", () => {
  fc.assert(
    fc.property(worlds, fc.double({ min: 0.01, max: 3, noNaN: true }), (world, step) => {
      const { policy, accounts, turns } = world;
      const { weeks: _one, ...whole } = outcomeOf(policy, accounts, turns, 100);
      const { weeks: _two, ...steps } = outcomeOf(policy, accounts, turns, step);
      expect(steps).toEqual(whole);
    }),
    { numRuns: 40 },
  );
});

it("loses no work and invents none: what is finished was used once, plus what moving costs", () => {
  fc.assert(
    fc.property(worlds, ({ policy, accounts, turns, paidUsage }) => {
      const outcome = outcomeOf(policy, accounts, turns);
      const wanted = turns.reduce((sum, each) => sum + each.fiveHour, 0);
      const sessions = new Set(turns.map(({ session }) => session)).size;
      const moving = 0.2 * outcome.switches * sessions;
      expect(outcome.turns).toBe(turns.length);
      expect(outcome.usedPoints).toBeLessThanOrEqual(wanted + moving + 0.01);
      if (outcome.unfinished === 0)
        expect(outcome.usedPoints).toBeGreaterThanOrEqual(wanted - 0.01);
      expect(outcome.paidPoints).toBeLessThanOrEqual(paidUsage ? outcome.usedPoints : 0);
      expect(Math.min(outcome.blockedMinutes, outcome.delayMinutes.mean)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 60 },
  );
});

it("shows no policy more than was spent, and moves only where there is an account", () => {
  fc.assert(
    fc.property(worlds, ({ policy, accounts, turns }) => {
      const own = policyOf(policy);
      let before = -Infinity;
      outcomeOf(
        {
          ...own,
          decide: (seen, now) => {
            expect(now).toBeGreaterThanOrEqual(before);
            before = now;
            for (const { windows } of seen.accounts)
              for (const { usedPercent } of windows) {
                expect(usedPercent).toBeGreaterThanOrEqual(0);
                expect(usedPercent).toBeLessThanOrEqual(100);
              }
            const decision = own.decide(seen, now);
            if (decision.kind === "failover") {
              expect(decision.to).not.toBe(seen.active);
              const to = seen.accounts.find(({ name }) => name === decision.to);
              expect(to?.exhaustedUntil ?? 0).toBeLessThanOrEqual(now);
            }
            return decision;
          },
        },
        accounts,
        turns,
      );
    }),
    { numRuns: 20 },
  );
});

it("wants about the load that was asked for, in order of time", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0.2, max: 1, noNaN: true }), (seed, load) => {
      const accounts = generateAccounts(3, { seed });
      const turns = [...generateTurns({ sessions: 6, weeks: 4, seed, load, accounts })];
      const wanted = turns.reduce((sum, each) => sum + each.fiveHour, 0);
      expect(wanted / (4 * 3000)).toBeCloseTo(load, 6);
      expect(turns.map(({ at }) => at)).toEqual(
        turns.map(({ at }) => at).toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 20 },
  );
});

it("reads every trace that it writes", () => {
  fc.assert(
    fc.property(worlds, ({ accounts, turns }) => {
      const read = parseTrace(formatTrace({ accounts, turns }), "x");
      expect(read.accounts).toEqual(accounts);
      expect(read.turns.length).toBe(turns.length);
      for (const [index, turn] of turns.entries()) {
        const again = read.turns[index];
        expect({ ...again, fiveHour: 0, weekly: 0 }).toEqual({ ...turn, fiveHour: 0, weekly: 0 });
        expect(again?.fiveHour).toBeCloseTo(turn.fiveHour, 5);
      }
    }),
    { numRuns: 10 },
  );
});

it("an agenda gives back in order of time, and in order of adding at the same time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), fc.nat(100), (times, taken) => {
      const agenda = new Agenda<number>();
      const expected: { at: number; what: number }[] = [];
      for (const [what, at] of times.entries()) {
        agenda.add(at, what);
        expected.push({ at, what });
        if (what % 7 !== taken % 7) continue;
        expected.sort((a, b) => a.at - b.at || a.what - b.what);
        expect(agenda.nextAt).toBe(expected[0]?.at);
        expect(agenda.take()).toMatchObject(expected.shift() ?? {});
      }
      expected.sort((a, b) => a.at - b.at || a.what - b.what);
      for (const each of expected) expect(agenda.take()).toMatchObject(each);
      expect(agenda.take()).toBeUndefined();
      expect(agenda.nextAt).toBe(Infinity);
    }),
    { numRuns: 200 },
  );
});

it("random numbers stay in their range and have the mean they promise", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomFrom(seed);
      const all = Array.from({ length: 2000 }, () => random.next());
      expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...all)).toBeLessThan(1);
      const waits = Array.from({ length: 5000 }, () => random.waiting(10));
      expect(waits.reduce((sum, each) => sum + each, 0) / 5000).toBeGreaterThan(8);
      expect(waits.reduce((sum, each) => sum + each, 0) / 5000).toBeLessThan(12);
    }),
    { numRuns: 50 },
  );
});
