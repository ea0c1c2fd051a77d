import { expect, test } from "vitest";
import { killDuringFailovers, nothingLost } from "../support/fleet-crash.ts";

const KILLS = Number(process.env["CF_TEST_FLEET_KILLS"] ?? 12);

test(
  "a daemon that is killed in the middle of failovers loses and doubles nothing",
  { timeout: 60_000 + KILLS * 10_000 },
  async () => {
    const figures = await killDuringFailovers({
      client: { kind: "standIn" },
      kills: KILLS,
      random: Math.random,
      spreadMs: 250,
    });
    process.stdout.write(`fleet crash matrix: ${JSON.stringify(figures)}\n`);
    expect(figures).toEqual(nothingLost(KILLS));
  },
);
