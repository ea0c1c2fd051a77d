import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { rehearse } from "../../../src/drill/rehearsal.ts";

test("a fleet of stand-in agents runs into limits and goes on, and every claim of the rehearsal holds", async () => {
  const report = await rehearse({
    clock: systemClock,
    client: { kind: "standIn" },
    agent: "stand-in agent",
    path: process.env["PATH"] ?? "",
    singleRounds: 1,
    signal: new AbortController().signal,
    write: () => undefined,
  });
  expect(report.checks.filter((check) => !check.ok)).toEqual([]);
  expect(report.sessions.map((session) => session.transcripts)).toEqual([1, 1, 1]);
});
