import { describe, expect, it } from "vitest";
import {
  afterAnswer,
  afterReading,
  afterRefusal,
  freeAgain,
  type KnownWindow,
} from "../../../src/policy/exhaustion.ts";
import type { Evidence, LimitWindow, Refusal } from "../../../src/policy/model.ts";
import { evidenceOf, HOUR, MINUTE, NOW } from "../../support/policy-samples.ts";

type Windows = readonly KnownWindow[];

function changed(windows: Windows, by: Windows): Windows {
  return [...windows.filter(({ window }) => !by.some((each) => each.window === window)), ...by];
}

/** What is known of the windows of an account after these refusals, the first told first. */
function after(evidence: readonly Pick<Evidence, "refusal" | "observedAt">[]): Windows {
  return evidence.reduce<Windows>(
    (windows, each) => changed(windows, afterRefusal(windows, each)),
    [],
  );
}

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
    const windows = after(
      told.map(({ at, refusal }) => evidenceOf({ observedAt: NOW + at, refusal })),
    );
    expect(freeAgain(windows)).toEqual({ until, window });
  });

  it("and what is known of how much was used stays", () => {
    const known = knownOf({ usedPercent: 93, observedAt: 1 });
    expect(afterRefusal([known], evidenceOf({ observedAt: NOW }))).toEqual([
      { ...known, usedPercent: 93, resetsAt: RESET, exhaustedUntil: RESET, observedAt: NOW },
    ]);
  });
});

function knownOf(known: Partial<KnownWindow>): KnownWindow {
  const nothing = { usedPercent: null, resetsAt: null, exhaustedUntil: null, readAt: null };
  return { window: "fiveHour", observedAt: NOW, ...nothing, ...known };
}

describe("the reset of a refused window", () => {
  const SAID = NOW + HOUR;
  const READ = NOW + 3 * HOUR;
  const pattern = (told: string) => ({ pattern: told, resetsAt: SAID });
  it.each<readonly [string, Partial<KnownWindow>, Partial<Refusal>, number]>([
    ["is what the text says where nothing was read", {}, pattern("row:text"), SAID],
    [
      "is what a status line read a moment before, rather than a text of whole minutes",
      { observedAt: 0, readAt: NOW - MINUTE, resetsAt: READ },
      pattern("row:text"),
      READ,
    ],
    [
      "is the server's own whatever was read",
      { observedAt: 0, readAt: NOW - MINUTE, resetsAt: READ },
      pattern("row:quotaLimits"),
      SAID,
    ],
    [
      "is not what was read in the window's last run",
      { observedAt: 0, readAt: NOW - 11 * MINUTE, resetsAt: READ },
      pattern("row:text"),
      SAID,
    ],
    [
      "is not what was read before another refusal",
      { observedAt: NOW - MINUTE, readAt: NOW - 2 * MINUTE, resetsAt: READ },
      pattern("row:text"),
      SAID,
    ],
    [
      "is not what was read and has passed",
      { observedAt: 0, readAt: NOW - MINUTE, resetsAt: NOW - 1 },
      pattern("row:text"),
      SAID,
    ],
    [
      "is what the last refusal said where this one says none",
      { observedAt: NOW - HOUR, resetsAt: READ },
      { resetsAt: null },
      READ,
    ],
  ])("%s", (_title, known, refusal, resetsAt) => {
    const [told] = afterRefusal([knownOf(known)], evidenceOf({ observedAt: NOW, refusal }));
    expect(told?.resetsAt).toBe(resetsAt);
  });
});

describe("a status line that tells when a spent window resets", () => {
  const GUESSED = NOW + 5 * HOUR;
  const spent = knownOf({ exhaustedUntil: GUESSED });
  const told = { window: "fiveHour" as LimitWindow, resetsAt: RESET, at: NOW + MINUTE };

  it("replaces a guess", () => {
    expect(afterReading([spent], told)).toEqual({
      ...spent,
      resetsAt: RESET,
      exhaustedUntil: RESET,
    });
  });

  it.each<readonly [string, Windows, Partial<typeof told>]>([
    ["of a window that nobody knows", [], {}],
    ["of a window that is not spent", [knownOf({})], {}],
    ["when it is free again already", [spent], { at: GUESSED, resetsAt: GUESSED + HOUR }],
    ["of a reset that a refusal told", [knownOf({ exhaustedUntil: RESET + 1 })], {}],
    ["of a reset that has passed", [spent], { resetsAt: told.at }],
    ["of a reset later than such a window can last", [spent], { resetsAt: GUESSED + 1 }],
  ])("changes nothing %s", (_title, windows, other) => {
    expect(afterReading(windows, { ...told, ...other })).toBeNull();
  });
});

describe("a later turn that went well", () => {
  const turn = (requested: number) => ({
    requestedAt: NOW + requested,
    answeredAt: NOW + requested + 900,
  });
  const limit = evidenceOf({ observedAt: NOW });
  const refused = after([limit]);

  it("frees the window from its answer on", () => {
    const free = NOW + MINUTE + 900;
    expect(afterAnswer(refused, limit.refusal, turn(MINUTE))?.exhaustedUntil).toBe(free);
  });

  it.each<readonly [string, Windows, Partial<Refusal>, number]>([
    [
      "that another session was told of since",
      after([limit, evidenceOf({ observedAt: NOW + MINUTE })]),
      {},
      MINUTE,
    ],
    ["that is another one", refused, { window: "weekly" }, MINUTE],
    [
      "of one model",
      after([evidenceOf({ refusal: { window: "model:opus" } })]),
      { window: "model:opus" },
      MINUTE,
    ],
    ["after its reset", refused, {}, 3 * HOUR],
    [
      "that was never refused",
      refused.map((each) => ({ ...each, exhaustedUntil: null })),
      {},
      MINUTE,
    ],
  ])("leaves a window %s", (_title, windows, refusal, requested) => {
    const of = evidenceOf({ observedAt: NOW, refusal }).refusal;
    expect(afterAnswer(windows, of, turn(requested))).toBeNull();
  });

  it("does not keep the same limit from spending it again, also without a reset", () => {
    const freed = afterAnswer(refused, limit.refusal, turn(MINUTE));
    const again = evidenceOf({ observedAt: NOW + 2 * MINUTE, refusal: { resetsAt: null } });
    expect(afterRefusal(freed === null ? [] : [freed], again)[0]?.exhaustedUntil).toBe(RESET);
  });
});
