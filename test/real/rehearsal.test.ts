import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { rehearse } from "../../src/drill/rehearsal.ts";

const CLIENTS = [
  { name: "the pinned client", command: process.env["CF_TEST_CLAUDE"], accounts: 2 },
  { name: "a client half a year older", command: process.env["CF_TEST_CLAUDE_OLD"], accounts: 4 },
];

describe.each(CLIENTS)("$name", ({ command, accounts }) => {
  test.skipIf(command === undefined)(
    "runs into limits and goes on, and every claim holds",
    async () => {
      const report = await rehearse({
        clock: systemClock,
        client: {
          kind: "claude",
          command: command ?? "",
          args: ["--allowedTools", "Bash(sleep:*)"],
        },
        agent: command ?? "",
        path: process.env["PATH"] ?? "",
        rounds: ["fleet", "equalTimes", "fleet"],
        killBefore: 2,
        accounts,
        signal: new AbortController().signal,
        write: () => undefined,
      });
      expect(report.checks.filter((check) => !check.ok)).toEqual([]);
    },
  );
});
