import { describe, expect, it } from "vitest";
import { aheadOfWeek, forecast, lastsMs, type UsageSample } from "../../../src/policy/forecast.ts";
import type { WindowForecast } from "../../../src/policy/model.ts";
import { HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

const RESET = NOW + 3 * HOUR;

/** Readings `[minutes ago, percent]`, all of the window that ends at `resetsAt`. */
function readings(
  pairs: readonly (readonly [number, number])[],
  resetsAt: number | null = RESET,
): UsageSample[] {
  return pairs.map(([ago, usedPercent]) => ({ at: NOW - ago * MINUTE, usedPercent, resetsAt }));
}

/** 20 % an hour, of which the last reading is 60 %. */
const STEADY = readings([
  [60, 40],
  [45, 45],
  [30, 50],
  [15, 55],
  [0, 60],
]);

const told = (samples: readonly UsageSample[]): ReturnType<typeof forecast> =>
  forecast(samples, { window: "fiveHour", now: NOW });

describe("the forecast of a window", () => {
  it("goes on at the pace of the last hour", () => {
    expect(told(STEADY)).toEqual({ percentPerHour: 20, limitAt: NOW + 2 * HOUR });
  });

  it("counts the time since the last reading as idle", () => {
    const samples = readings([
      [40, 40],
      [30, 50],
      [20, 60],
    ]);
    expect(told(samples)).toEqual({ percentPerHour: 30, limitAt: NOW + 80 * MINUTE });
  });

  it("reads through a gap, for what was used meanwhile is in the next reading", () => {
    const samples = readings([
      [80, 30],
      [5, 55],
      [0, 60],
    ]);
    expect(told(samples)?.percentPerHour).toBeCloseTo(60 - (30 + (25 * 20) / 75));
  });

  it("says that the limit is not reached before the reset", () => {
    const samples = STEADY.map((each) => ({ ...each, resetsAt: NOW + HOUR }));
    expect(told(samples)).toEqual({ percentPerHour: 20, limitAt: null });
  });

  it("says so of a window that is hardly used at all", () => {
    const samples = readings([
      [50, 20],
      [20, 20],
      [0, 21],
    ]);
    expect(told(samples)?.limitAt).toBeNull();
  });

  it("is now when the window is full", () => {
    const samples = readings([
      [60, 80],
      [30, 90],
      [0, 100],
    ]);
    expect(told(samples)).toEqual({ percentPerHour: 20, limitAt: NOW });
  });

  it.each([
    ["an old answer at the end", [...STEADY, ...readings([[0, 41]])]],
    [
      "two old answers in the middle",
      [...STEADY, ...readings([[20, 42]]), ...readings([[16, 42]])],
    ],
    ["one far too high", [...STEADY, ...readings([[20, 95]])]],
    ["another order", STEADY.toReversed()],
    ["readings of the window before", [...STEADY, ...readings([[50, 97]], NOW - 30 * MINUTE)]],
    ["an old session that repeats the last window", [...STEADY, ...readings([[1, 97]], NOW + 1)]],
    [
      "a reset told a second apart",
      STEADY.map((each, i) => ({ ...each, resetsAt: RESET + 1000 * i })),
    ],
    ["readings from the future", [...STEADY, { at: NOW + 1, usedPercent: 99, resetsAt: RESET }]],
    ["nonsense", [...STEADY, ...readings([[2, Number.NaN]]), ...readings([[2, -5]])]],
    [
      "a reset further away than the window is long",
      [...STEADY, ...readings([[2, 5]], NOW + 9 * HOUR)],
    ],
  ])("is not moved by %s", (_what, samples) => {
    const { percentPerHour = 0, limitAt = 0 } = told(samples) ?? {};
    expect(Math.abs(percentPerHour - 20)).toBeLessThan(2);
    expect(Math.abs((limitAt ?? 0) - NOW - 2 * HOUR)).toBeLessThan(12 * MINUTE);
  });

  it("begins again after a reset, announced or not", () => {
    const before = [
      [60, 80],
      [45, 85],
      [30, 90],
    ] as const;
    const after = [
      [20, 0],
      [10, 4],
      [0, 8],
    ] as const;
    const expected = { percentPerHour: 24, limitAt: NOW + 230 * MINUTE };
    const late = NOW + 4 * HOUR;
    expect(told([...readings(before), ...readings(after, late)])).toEqual(expected);
    expect(told([...readings(before, late), ...readings(after, late)])).toEqual(expected);
    expect(told([...readings(before, null), ...readings(after, null)])).toEqual(expected);
  });

  it.each([
    ["nothing was read", []],
    ["there are too few readings", STEADY.slice(-2)],
    [
      "they span too short a time",
      readings([
        [8, 10],
        [4, 20],
        [0, 30],
      ]),
    ],
    [
      "the last one is older than the hour",
      STEADY.map((each) => ({ ...each, at: each.at - 61 * MINUTE })),
    ],
    ["the window was reset since", STEADY.map((each) => ({ ...each, resetsAt: NOW - 1 }))],
    [
      "it may just have been reset",
      readings(
        [
          [60, 40],
          [30, 50],
          [15, 60],
          [0, 2],
        ],
        null,
      ),
    ],
    [
      "the rise is within the rounding",
      readings([
        [20, 90],
        [10, 91],
        [0, 92],
      ]),
    ],
  ])("is not told when %s", (_when, samples) => {
    expect(told(samples)).toBeNull();
  });

  it("looks at a whole day of a window that lasts a week, nights included", () => {
    const samples = [24, 20, 16, 8, 0].map((hours, index) => ({
      at: NOW - hours * HOUR,
      usedPercent: [40, 46, 52, 52, 52][index] ?? 0,
      resetsAt: NOW + 100 * HOUR,
    }));
    const found = forecast(samples, { window: "weekly", now: NOW });
    expect(found).toEqual({ percentPerHour: 0.5, limitAt: NOW + 96 * HOUR });
  });
});

describe("how long another account would last", () => {
  const spending: readonly WindowForecast[] = [
    { window: "fiveHour", percentPerHour: 20, limitAt: null },
    { window: "weekly", percentPerHour: 2, limitAt: null },
    { window: "unknown", percentPerHour: 0, limitAt: null },
  ];
  const fiveHour = (usedPercent: number | null, resetsAt: number | null = null) =>
    ({ window: "fiveHour", usedPercent, resetsAt }) as const;
  const weekly = (usedPercent: number) =>
    ({ window: "weekly", usedPercent, resetsAt: NOW + 100 * HOUR }) as const;

  it.each([
    ["until its only window is full", [fiveHour(40)], 3 * HOUR],
    ["until the first of two is full", [fiveHour(40), weekly(96)], 2 * HOUR],
    ["not at all when it is full", [fiveHour(100)], 0],
    [
      "not at all when it is full and nothing spends it",
      [{ ...fiveHour(100), window: "unknown" }],
      0,
    ],
    ["past a window that is reset before", [fiveHour(40, NOW + HOUR), weekly(90)], 5 * HOUR],
    ["from nothing when its reset passed", [fiveHour(99, NOW - 1)], 5 * HOUR],
    ["for ever when every window is reset before", [fiveHour(10, NOW + HOUR)], Infinity],
    ["nobody knows when its use is unknown", [fiveHour(null)], null],
    ["nobody knows of a window nobody spends", [{ ...weekly(5), window: "overage" }], null],
    ["nobody knows without windows", [], null],
  ] as const)("is %s", (_how, windows, expected) => {
    expect(lastsMs(windows, spending, NOW)).toBe(expected);
  });
});

describe("how far a week is ahead of an even use", () => {
  const week = (usedPercent: number | null, hoursLeft: number) =>
    [{ window: "weekly", usedPercent, resetsAt: NOW + hoursLeft * HOUR }] as const;

  it.each([
    ["even in the middle", week(50, 84), 0],
    ["ahead of it", week(75, 84), 25],
    ["behind near the end", week(20, 16.8), -70],
    ["fresh", week(0, 168), 0],
    ["even when its reset passed", week(90, -1), 0],
    ["even when its use is unknown", week(null, 84), 0],
    ["even without a week", [], 0],
  ] as const)("is %s", (_how, windows, expected) => {
    expect(aheadOfWeek(windows, NOW)).toBeCloseTo(expected);
  });
});
