import { describe, expect, it } from "vitest";
import { traceOf, type Reading } from "../../../src/simulate/recorded.ts";
import { formatTrace, parseTrace } from "../../../src/simulate/trace.ts";
import { HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

const RESET = NOW + 5 * HOUR;

/** Readings `[minutes after NOW, percent]` of one window. */
function readings(
  window: Reading["window"],
  pairs: readonly (readonly [number, number])[],
  resetsAt: number | null = RESET,
): Reading[] {
  return pairs.map(([minutes, usedPercent]) => ({
    at: NOW + minutes * MINUTE,
    window,
    usedPercent,
    resetsAt,
  }));
}

const risesOf = (own: readonly Reading[]) =>
  traceOf([{ name: "one", readings: own }]).turns.map(({ fiveHour }) => fiveHour);

describe("a trace of recorded readings", () => {
  it("takes each rise for work since the reading before, ten minutes at most", () => {
    const own = [
      ...readings("fiveHour", [
        [0, 10],
        [4, 12],
        [60, 15],
      ]),
      ...readings(
        "weekly",
        [
          [0, 3],
          [60, 4],
        ],
        NOW + 50 * HOUR,
      ),
    ];
    const trace = traceOf([
      { name: "one", readings: own },
      { name: "two", readings: [] },
    ]);
    expect(trace).toEqual({
      accounts: [
        { name: "one", priority: 1, capacity: 1, weeklyResetAt: NOW + 50 * HOUR, paidUsage: false },
        { name: "two", priority: 2, capacity: 1, weeklyResetAt: 0, paidUsage: false },
      ],
      turns: [
        { at: NOW, session: "fleet", ms: 4 * MINUTE, fiveHour: 2, weekly: 0 },
        { at: NOW + 50 * MINUTE, session: "fleet", ms: 10 * MINUTE, fiveHour: 3, weekly: 1 },
      ],
    });
    expect(parseTrace(formatTrace(trace), "x")).toEqual(trace);
  });

  it("counts from nothing after a reset, announced or not", () => {
    const before = [
      [0, 80],
      [5, 90],
    ] as const;
    const after = [
      [10, 4],
      [15, 9],
    ] as const;
    const announced = readings("fiveHour", after, RESET + 5 * HOUR);
    expect(risesOf([...readings("fiveHour", before), ...announced])).toEqual([10, 4, 5]);
    const silent = [...readings("fiveHour", before, null), ...readings("fiveHour", after, null)];
    expect(risesOf(silent)).toEqual([10, 4, 5]);
  });

  it("is not misled by old answers, whatever window they are of", () => {
    const own = readings("fiveHour", [
      [0, 40],
      [5, 45],
      [6, 41],
      [10, 46],
    ]);
    expect(risesOf([...own, ...readings("fiveHour", [[7, 99]], NOW - HOUR)])).toEqual([5, 1]);
  });

  it("keeps to the windows that every account has", () => {
    expect(
      risesOf(
        readings("model:opus", [
          [0, 1],
          [5, 90],
        ]),
      ),
    ).toEqual([]);
  });
});
