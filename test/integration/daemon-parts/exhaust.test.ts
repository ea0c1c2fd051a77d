import { expect, it } from "vitest";
import { exhaust, refineReset, relieve } from "../../../src/daemon/exhaust.ts";
import { fleetRig } from "../../support/fleet-rig.ts";
import { evidenceOf, HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

const RESET = NOW + 2 * HOUR;

it("keeps each account's windows, and until when the account is exhausted", () => {
  const { store } = fleetRig();
  exhaust(store, evidenceOf({ account: "two", observedAt: NOW }));
  expect(store.accounts.get("one")).toBeNull();
  expect(store.accounts.get("two")).toMatchObject({
    exhaustedUntil: RESET,
    exhaustedWindow: "fiveHour",
    windows: [{ window: "fiveHour", resetsAt: RESET, exhaustedUntil: RESET, observedAt: NOW }],
  });
});

it("keeps what was read of a window, and voids what a hook guessed beside it", () => {
  const { store } = fleetRig();
  const reading = { account: "one", window: "fiveHour", usedPercent: 93, resetsAt: null } as const;
  store.accounts.putReading({ ...reading, readAt: 1 });
  exhaust(store, evidenceOf({ refusal: { window: null, resetsAt: null } }));
  exhaust(store, evidenceOf());
  expect(store.accounts.get("one")).toMatchObject({
    exhaustedUntil: RESET,
    windows: [
      { window: "fiveHour", usedPercent: 93, exhaustedUntil: RESET },
      { window: "unknown", exhaustedUntil: null },
    ],
  });
});

it("keeps a reset that a status line told, and that a turn went well after all", () => {
  const { store, exhaustedUntil } = fleetRig();
  const limit = evidenceOf({ observedAt: NOW, refusal: { resetsAt: null } });
  exhaust(store, limit);
  expect(exhaustedUntil("one")).toBe(NOW + 5 * HOUR);
  refineReset(store, { account: "one", window: "fiveHour", resetsAt: RESET, at: NOW + MINUTE });
  expect(exhaustedUntil("one")).toBe(RESET);
  const turn = { requestedAt: NOW + MINUTE, answeredAt: NOW + MINUTE + 900 };
  relieve(store, limit, turn);
  expect(exhaustedUntil("one")).toBe(turn.answeredAt);
});
