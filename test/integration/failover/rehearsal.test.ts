import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { rehearse, type RehearsalOptions } from "../../../src/drill/rehearsal.ts";
import { DEFAULT_SHAPE } from "../../../src/drill/shape.ts";

const OPTIONS = {
  clock: systemClock,
  client: { kind: "standIn" },
  agent: "stand-in agent",
  path: process.env["PATH"] ?? "",
  signal: new AbortController().signal,
  write: () => undefined,
} as const satisfies Partial<RehearsalOptions>;

test("a fleet of stand-in agents runs into limits and goes on, and every claim of the rehearsal holds", async () => {
  const report = await rehearse({
    ...OPTIONS,
    rounds: ["fleet", "equalTimes", "weekly", "fleet"],
    killBefore: 3,
  });
  expect(report.checks.filter((check) => !check.ok)).toEqual([]);
  expect(report.sessions.map((session) => session.transcripts)).toEqual([1, 1, 1]);
});

test("a fleet that moves by relaunch is ended and resumed, idle sessions as well", async () => {
  const shape = { ...DEFAULT_SHAPE, sessions: 2, slotName: "slot" };
  const rounds = ["single"] as const;
  const report = await rehearse({ ...OPTIONS, strategy: "relaunch", rounds, shape });
  expect(report.checks.filter((check) => !check.ok)).toEqual([]);
});
