import fc from "fast-check";
import { expect, it } from "vitest";
import { backoffMs } from "../../src/policy/backoff.ts";

const waits = fc.record({
  attempt: fc.integer({ min: 1, max: 10_000 }),
  baseMs: fc.integer({ min: 1, max: 600_000 }),
  mostMs: fc.integer({ min: 1, max: 86_400_000 }),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

it("a wait is whole, and lies between its base or bound and a quarter above the bound", () => {
  fc.assert(
    fc.property(waits, (wait) => {
      const ms = backoffMs(wait);
      expect(Number.isSafeInteger(ms)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(Math.min(wait.baseMs, wait.mostMs));
      expect(ms).toBeLessThanOrEqual(Math.round(wait.mostMs * 1.25));
    }),
  );
});

it("a later try with the same luck never waits less", () => {
  fc.assert(
    fc.property(waits, fc.nat(50), (wait, more) => {
      const later = backoffMs({ ...wait, attempt: wait.attempt + more });
      expect(later).toBeGreaterThanOrEqual(backoffMs(wait));
    }),
  );
});
