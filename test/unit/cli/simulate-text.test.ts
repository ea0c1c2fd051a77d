import { expect, it } from "vitest";
import { simulationText } from "../../../src/cli/simulate-text.ts";
import { SIMULATION } from "../docs/json-examples.ts";

it("puts the least blocked first, counts per week, and fits 80 columns", () => {
  const [first] = SIMULATION.outcomes;
  if (first === undefined) throw new Error("no example");
  const worst = {
    ...first,
    policy: "least-recently-used",
    blockedMinutes: 1e7,
    unfinished: 39_119,
  };
  const text = simulationText({ ...SIMULATION, outcomes: [worst, first] });
  expect(text).toBe(`generated usage, seed 1: 3 account(s), 6 session(s), 20 week(s)

POLICY               BLOCKED  DELAY  P95  CUT OFF  SWITCHES  PAID   LEFT
priority                74.0    0.8  1.2     11.5      10.6     0      0
least-recently-used   500000    0.8  1.2     11.5      10.6     0  39119

Per week: session-minutes blocked by a limit, turns cut off, switches, points of
a five-hour window paid for. Delay: minutes a turn ended later than without
limits, mean and 95 %. Left: turns not done at the end of the trace.
`);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});
