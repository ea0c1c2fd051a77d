import { describe, expect, it } from "vitest";
import { exhaust, relieve } from "../../../src/daemon/exhaust.ts";
import type { Refusal } from "../../../src/policy/model.ts";
import { fleetRig } from "../../support/fleet-rig.ts";
import { evidenceOf, HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

/** One refusal of the account, `at` milliseconds after NOW. */
interface Told {
  readonly at: number;
  readonly refusal: Partial<Refusal>;
}

const row = (at: number, resetsAt: number, window: Refusal["window"] = "fiveHour"): Told => ({
  at,
  refusal: { window, resetsAt },
});
const hook = (at: number): Told => row(at, 0);
/** A hook that names neither window nor reset. */
const guess = (at: number): Told => ({ ...hook(at), refusal: { window: null, resetsAt: null } });

const RESET = NOW + 2 * HOUR;
const FRIDAY = NOW + 60 * HOUR;
const HALF = 30_000;

describe("an account is exhausted", () => {
  it.each<readonly [string, readonly Told[], number | null, string | null]>([
    ["not before anything was told", [], null, null],
    ["until the reset that a row tells", [row(0, RESET)], RESET, "fiveHour"],
    ["for five hours where nobody tells a reset", [guess(0)], NOW + 5 * HOUR, "unknown"],
    ["as the row says, after the hook guessed", [guess(0), row(90, RESET)], RESET, "fiveHour"],
    ["as the row says, before the hook guesses", [row(0, RESET), guess(90)], RESET, "fiveHour"],
    [
      "as the row of the same refusal says though it is a little older",
      [guess(100), row(0, RESET)],
      RESET,
      "fiveHour",
    ],
    [
      "as the row says though the hook of the same window came later",
      [{ at: 100, refusal: { window: "fiveHour", resetsAt: null } }, row(0, RESET)],
      RESET,
      "fiveHour",
    ],
    [
      "as a guess says that is no part of that refusal",
      [row(0, RESET), guess(61_000)],
      NOW + 61_000 + 5 * HOUR,
      "unknown",
    ],
    [
      "until the later of two windows",
      [row(0, FRIDAY, "weekly"), row(HALF, RESET)],
      FRIDAY,
      "weekly",
    ],
    ["as the newer of two rows says", [row(0, RESET), row(HOUR, RESET + 1)], RESET + 1, "fiveHour"],
    ["not as a row says that is older", [row(HOUR, RESET), row(0, RESET + 1)], RESET, "fiveHour"],
    [
      "as the last row of the window said, where a later refusal tells no reset",
      [row(0, RESET), { at: HOUR, refusal: { window: "fiveHour", resetsAt: null } }],
      RESET,
      "fiveHour",
    ],
    [
      "for a new window where the last reset has passed",
      [row(0, RESET), { at: 3 * HOUR, refusal: { window: "fiveHour", resetsAt: null } }],
      NOW + 8 * HOUR,
      "fiveHour",
    ],
    ["not for one model's limit", [row(0, RESET, "model:opus")], null, null],
    [
      "no longer when the row tells that what a hook guessed was one model's",
      [guess(0), row(90, FRIDAY, "model:opus")],
      null,
      null,
    ],
    [
      "still for its own window when one model's limit comes on top",
      [row(0, RESET), row(HALF, FRIDAY, "model:opus")],
      RESET,
      "fiveHour",
    ],
    ["not for a busy server", [{ at: 0, refusal: { class: "serverBusy" } }], null, null],
    ["not for a dead login", [{ at: 0, refusal: { class: "auth" } }], null, null],
  ])("%s", (_title, told, until, window) => {
    const { store } = fleetRig();
    for (const { at, refusal } of told)
      exhaust(store, evidenceOf({ observedAt: NOW + at, refusal }));
    expect(store.accounts.get("one")?.exhaustedUntil ?? null).toBe(until);
    expect(store.accounts.get("one")?.exhaustedWindow ?? null).toBe(window);
  });

  it("each by its own refusals", () => {
    const { store } = fleetRig();
    exhaust(store, evidenceOf({ account: "two" }));
    expect(store.accounts.get("one")).toBeNull();
    expect(store.accounts.get("two")?.exhaustedUntil).toBe(RESET);
  });

  it("and keeps what is known of how much was used", () => {
    const { store } = fleetRig();
    const known = { account: "one", window: "fiveHour", resetsAt: null } as const;
    store.accounts.putWindow({ ...known, usedPercent: 93, exhaustedUntil: null, observedAt: 1 });
    exhaust(store, evidenceOf());
    expect(store.accounts.get("one")?.windows).toMatchObject([
      { window: "fiveHour", usedPercent: 93, resetsAt: RESET, exhaustedUntil: RESET },
    ]);
  });
});

describe("a later turn that went well", () => {
  const limit = evidenceOf({ observedAt: NOW });
  const turn = (requested: number) => ({
    requestedAt: NOW + requested,
    answeredAt: NOW + requested + 900,
  });

  it("frees the account from its answer on", () => {
    const { store, exhaustedUntil } = fleetRig();
    exhaust(store, limit);
    relieve(store, limit, turn(MINUTE));
    expect(exhaustedUntil("one")).toBe(NOW + MINUTE + 900);
  });

  it("leaves what another session was told since", () => {
    const { store, exhaustedUntil } = fleetRig();
    exhaust(store, limit);
    exhaust(store, evidenceOf({ observedAt: NOW + MINUTE }));
    relieve(store, limit, turn(MINUTE));
    expect(exhaustedUntil("one")).toBe(RESET);
  });

  it("leaves another window", () => {
    const { store, exhaustedUntil } = fleetRig();
    exhaust(store, limit);
    exhaust(store, evidenceOf({ observedAt: NOW, refusal: { window: "weekly" } }));
    relieve(store, limit, turn(MINUTE));
    expect(exhaustedUntil("one")).toBe(RESET);
  });

  it("says nothing about one model's limit, nor after the reset", () => {
    const { store, exhaustedUntil } = fleetRig();
    exhaust(store, limit);
    const ofModel = evidenceOf({ refusal: { window: "model:opus" } });
    exhaust(store, ofModel);
    relieve(store, ofModel, turn(MINUTE));
    const windows = store.accounts.get("one")?.windows.map((each) => each.exhaustedUntil);
    expect(windows).toEqual([RESET, RESET]);
    relieve(store, limit, turn(3 * HOUR));
    expect(exhaustedUntil("one")).toBe(RESET);
  });

  it("does not keep the same limit from exhausting it again, also without a reset", () => {
    const { store, exhaustedUntil } = fleetRig();
    exhaust(store, limit);
    relieve(store, limit, turn(MINUTE));
    const again = { observedAt: NOW + 2 * MINUTE, refusal: { resetsAt: null } };
    exhaust(store, evidenceOf(again));
    expect(exhaustedUntil("one")).toBe(RESET);
  });
});
