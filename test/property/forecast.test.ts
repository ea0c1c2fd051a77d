import fc from "fast-check";
import { expect, it } from "vitest";
import { forecast, type UsageSample } from "../../src/policy/forecast.ts";
import { HOUR, MINUTE, NOW } from "../support/policy-samples.ts";

const windows = fc.constantFrom("fiveHour", "weekly", "overage", "model:opus", "unknown");

const anySamples: fc.Arbitrary<UsageSample[]> = fc.array(
  fc.record({
    at: fc.integer({ min: NOW - 30 * HOUR, max: NOW + HOUR }),
    usedPercent: fc.oneof(fc.double({ min: -10, max: 120 }), fc.constant(Number.NaN)),
    resetsAt: fc.option(fc.integer({ min: NOW - 5 * HOUR, max: NOW + 200 * HOUR })),
  }),
  { maxLength: 300 },
);

/** A window that is spent at a constant pace, as a client tells it: in whole points. */
const steady = fc
  .record({
    percentPerHour: fc.double({ min: 6, max: 60, noNaN: true }),
    start: fc.double({ min: 0, max: 30, noNaN: true }),
    agos: fc.array(fc.integer({ min: 1, max: 59 }), { minLength: 4, maxLength: 60 }),
    resetsAt: fc.option(fc.constant(NOW + 4 * HOUR)),
  })
  .map(({ percentPerHour, start, agos, resetsAt }) => ({
    percentPerHour,
    last: start + percentPerHour,
    samples: [60, ...agos, 0].map((ago): UsageSample => ({
      at: NOW - ago * MINUTE,
      usedPercent: Math.round(start + (percentPerHour * (60 - ago)) / 60),
      resetsAt,
    })),
  }));

it("is never in the past, never after the reset, and no pace is below zero", () => {
  fc.assert(
    fc.property(anySamples, windows, (samples, window) => {
      const found = forecast(samples, { window, now: NOW });
      if (found === null) return;
      expect(found.percentPerHour).toBeGreaterThanOrEqual(0);
      expect(found.limitAt ?? NOW).toBeGreaterThanOrEqual(NOW);
      const resets = samples.flatMap(({ resetsAt }) => resetsAt ?? []);
      if (samples.every(({ resetsAt }) => resetsAt !== null) && found.limitAt !== null)
        expect(found.limitAt).toBeLessThan(Math.max(...resets));
    }),
    { numRuns: 2_000 },
  );
});

it("does not care in which order the samples come", () => {
  const shuffled = anySamples.chain((samples) =>
    fc.tuple(fc.constant(samples), fc.shuffledSubarray(samples, { minLength: samples.length })),
  );
  fc.assert(
    fc.property(shuffled, windows, ([samples, again], window) => {
      expect(forecast(again, { window, now: NOW })).toEqual(
        forecast(samples, { window, now: NOW }),
      );
    }),
    { numRuns: 500 },
  );
});

it("finds the pace of a steady use within what rounding hides", () => {
  fc.assert(
    fc.property(steady, ({ samples, percentPerHour, last }) => {
      const found = forecast(samples, { window: "fiveHour", now: NOW });
      expect(Math.abs((found?.percentPerHour ?? Infinity) - percentPerHour)).toBeLessThanOrEqual(1);
      const trueMs = ((100 - last) * HOUR) / percentPerHour;
      if (found?.limitAt === null) expect(trueMs).toBeGreaterThan(3 * HOUR);
      else {
        // A point of rounding on either side of the rise, and one of the level.
        const least = ((99 - last) * HOUR) / (percentPerHour + 1);
        const most = ((101 - last) * HOUR) / (percentPerHour - 1);
        const toldMs = (found?.limitAt ?? 0) - NOW;
        expect(toldMs).toBeGreaterThanOrEqual(least - 1);
        expect(toldMs).toBeLessThanOrEqual(most + 1);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("is hardly moved by one stray value, whatever it is, once three others followed", () => {
  const strays = fc.record({
    ago: fc.integer({ min: 2, max: 50 }),
    usedPercent: fc.integer({ min: 0, max: 100 }),
  });
  const dense = steady.filter(({ samples }) => samples.length >= 20);
  fc.assert(
    fc.property(dense, strays, ({ samples, percentPerHour }, { ago, usedPercent }) => {
      fc.pre(samples.filter(({ at }) => at > NOW - ago * MINUTE).length >= 3);
      const resetsAt = samples[0]?.resetsAt ?? null;
      const stray = { at: NOW - ago * MINUTE, usedPercent, resetsAt };
      const found = forecast([...samples, stray], { window: "fiveHour", now: NOW });
      expect(Math.abs((found?.percentPerHour ?? Infinity) - percentPerHour)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});

it("forgets what was before a reset", () => {
  const before = fc.array(
    fc.record({
      at: fc.integer({ min: NOW - 5 * HOUR, max: NOW - 61 * MINUTE }),
      usedPercent: fc.integer({ min: 0, max: 100 }),
      resetsAt: fc.integer({ min: NOW - 60 * MINUTE, max: NOW - 30 * MINUTE }),
    }),
    { maxLength: 50 },
  );
  fc.assert(
    fc.property(steady, before, ({ samples }, old) => {
      const known = samples.map((each) => ({ ...each, resetsAt: NOW + 4 * HOUR }));
      const clean = forecast(known, { window: "fiveHour", now: NOW });
      expect(forecast([...old, ...known], { window: "fiveHour", now: NOW })).toEqual(clean);
    }),
    { numRuns: 500 },
  );
});
