import { expect, test } from "vitest";
import { killDuringFailovers, nothingLost } from "../support/fleet-crash.ts";

const COMMAND = process.env["CF_TEST_CLAUDE"];
const KILLS = Number(process.env["CF_TEST_FLEET_KILLS"] ?? 3);

test.skipIf(COMMAND === undefined)(
  "a daemon that is killed in the middle of failovers of the real client loses and doubles nothing",
  { timeout: 90_000 + KILLS * 15_000 },
  async () => {
    const figures = await killDuringFailovers({
      client: { kind: "claude", command: COMMAND ?? "", args: [] },
      kills: KILLS,
      random: Math.random,
      spreadMs: 600,
    });
    process.stdout.write(`crash matrix with the real client: ${JSON.stringify(figures)}\n`);
    expect(figures).toEqual(nothingLost(KILLS));
  },
);
