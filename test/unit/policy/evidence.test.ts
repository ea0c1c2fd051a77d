import { describe, expect, it } from "vitest";
import {
  chargedAccount,
  isAuthoritative,
  isLimitOf,
  isOfEarlierTurn,
} from "../../../src/policy/evidence.ts";
import type { EvidenceChannel } from "../../../src/policy/model.ts";
import { exhaustedUntil, spendsWholeAccount } from "../../../src/policy/windows.ts";
import { evidenceOf, HOUR, limitRefusal, MINUTE, NOW } from "../../support/policy-samples.ts";

describe("evidence", () => {
  it.each<readonly [EvidenceChannel, boolean]>([
    ["row", true],
    ["hook", true],
    ["statusline", false],
    ["pane", false],
  ])("of a %s may move the fleet by itself: %s", (channel, may) => {
    expect(isAuthoritative(evidenceOf({ channel }))).toBe(may);
  });

  it("confirms only usage limits, of that account, told by the client itself, in order", () => {
    const all = [
      evidenceOf({ id: "row" }),
      evidenceOf({ id: "pane", channel: "pane" }),
      evidenceOf({ id: "other", account: "two" }),
      evidenceOf({ id: "busy", refusal: { class: "serverBusy" } }),
      evidenceOf({ id: "hook", channel: "hook" }),
    ];
    expect(all.filter((item) => isLimitOf(item, "one")).map(({ id }) => id)).toEqual([
      "row",
      "hook",
    ]);
  });
});

describe("the account a refusal is charged to", () => {
  const FLIP = NOW;
  const periods = [
    { account: "one", fromAt: NOW - HOUR },
    { account: "two", fromAt: FLIP },
  ];

  it.each<readonly [string, number | null, number | null, string | null]>([
    ["a request from before the flip, refused late", FLIP - 1, null, "one"],
    ["a request from before the flip whose prompt is not known", FLIP - 50, FLIP + 50, "one"],
    ["a request of the very instant of the flip", FLIP, null, "two"],
    ["a request from after the flip for a prompt from before it", FLIP + 1, FLIP - 90, "two"],
    ["a request older than everything known", NOW - 9 * HOUR, null, "one"],
    ["no request, a prompt from after the flip", null, FLIP, "two"],
    ["no request, a prompt from before the flip", null, FLIP - 1, null],
    ["neither", null, null, null],
  ])("%s: %s, %s is %s", (_title, requestedAt, promptAt, account) => {
    expect(chargedAccount({ requestedAt, promptAt, periods })).toBe(account);
  });

  const spent = NOW + HOUR;
  it.each<readonly [string, Parameters<typeof limitRefusal>[0], object, string | null]>([
    ["repeats the limit of the account just left", { resetsAt: spent }, {}, "one"],
    ["tells the same reset to the minute", { resetsAt: spent - 59_000 }, {}, "one"],
    ["tells no reset", { resetsAt: null }, {}, "one"],
    ["tells another reset", { resetsAt: spent + 2 * MINUTE }, {}, null],
    ["comes when nothing of before the flip is on its way", {}, { at: FLIP + 5_001 }, null],
    ["tells a limit that nobody else told", {}, { exhaustedUntil: null }, null],
    ["tells one that should be over", { resetsAt: null }, { exhaustedUntil: FLIP }, null],
    ["is none of a limit", { class: "serverBusy" }, {}, null],
    ["is for a prompt from before both accounts", {}, { promptAt: NOW - 2 * HOUR }, null],
    ["is for a prompt from after the flip", {}, { promptAt: FLIP }, "two"],
  ])("without its row, where it %s", (_title, told, other, account) => {
    const given = { at: FLIP + 30, promptAt: FLIP - 1, exhaustedUntil: spent, ...other };
    const { promptAt, at, exhaustedUntil: until } = given;
    const refusal = limitRefusal({ resetsAt: spent, ...told });
    const refused = {
      refusal,
      at,
      exhaustedUntil: (name: string) => (name === "one" ? until : null),
      resetOf: () => null,
    };
    expect(chargedAccount({ requestedAt: null, promptAt, periods, refused })).toBe(account);
  });

  it.each<readonly [string, Parameters<typeof limitRefusal>[0], object, string]>([
    ["repeats the limit of the account just left", {}, {}, "one"],
    ["tells the same reset to the minute", { resetsAt: spent - 59_000 }, {}, "one"],
    ["tells another reset of a window that runs", { resetsAt: spent - 2 * MINUTE }, {}, "two"],
    ["tells another reset after that window was over", { resetsAt: 1 }, { resetAt: FLIP }, "one"],
    ["tells of a window that nobody knows", { window: "weekly", resetsAt: 1 }, {}, "one"],
    ["tells no reset", { resetsAt: null }, {}, "one"],
    ["tells of a dead login", { class: "auth" }, {}, "two"],
    ["tells of a busy server", { class: "overload" }, {}, "two"],
    ["tells of a dead login, of one that was not spent", { class: "auth" }, { until: null }, "one"],
    ["is for the request's own sake", { class: "contextOrRequest" }, {}, "one"],
    ["tells another reset before the flip", { resetsAt: 1 }, { at: FLIP - 1 }, "one"],
  ])("by its row, of before the flip, where it %s", (_title, told, other, account) => {
    const known = { at: FLIP + 300, until: spent, resetAt: spent, ...other };
    const refused = {
      refusal: limitRefusal({ window: "fiveHour", resetsAt: spent, ...told }),
      at: known.at,
      exhaustedUntil: (name: string) => (name === "one" ? known.until : null),
      resetOf: (name: string, window: string) =>
        name === "one" && window === "fiveHour" ? known.resetAt : null,
    };
    const requestedAt = FLIP - 50;
    expect(chargedAccount({ requestedAt, promptAt: null, periods, refused })).toBe(account);
  });

  it("is unknown while no account was ever active", () => {
    expect(chargedAccount({ requestedAt: NOW, promptAt: NOW, periods: [] })).toBeNull();
    expect(chargedAccount({ requestedAt: null, promptAt: NOW, periods: [] })).toBeNull();
  });

  it("is the one of an excursion for a request that was made during it", () => {
    const undone = [...periods, { account: "one", fromAt: FLIP + 300 }];
    const at = (requestedAt: number) =>
      chargedAccount({ requestedAt, promptAt: null, periods: undone });
    expect([at(FLIP - 1), at(FLIP + 299), at(FLIP + 300)]).toEqual(["one", "two", "one"]);
  });
});

describe("a limit", () => {
  it.each<readonly [string, Parameters<typeof limitRefusal>[0], number]>([
    ["until the reset it tells", {}, NOW + 2 * HOUR],
    ["until a minute after one that was told in whole minutes", { resetsAt: NOW }, NOW + MINUTE],
    ["the same, almost a minute ago", { resetsAt: NOW - 59_999 }, NOW + 1],
    ["five hours where the reset lies in the past", { resetsAt: NOW - MINUTE }, NOW + 5 * HOUR],
    ["five hours where nobody tells", { resetsAt: null }, NOW + 5 * HOUR],
    ["a week where that window is", { resetsAt: null, window: "weekly" }, NOW + 168 * HOUR],
    ["five hours for an unknown window", { resetsAt: null, window: null }, NOW + 5 * HOUR],
  ])("exhausts %s", (_title, refusal, until) => {
    expect(exhaustedUntil(limitRefusal(refusal), NOW)).toBe(until);
  });

  it.each([
    ["fiveHour", true],
    ["weekly", true],
    ["overage", true],
    ["unknown", true],
    [null, true],
    ["model:opus", false],
  ] as const)("of the window %s spends the whole account: %s", (window, whole) => {
    expect(spendsWholeAccount(limitRefusal({ window }))).toBe(whole);
  });
});

describe("a refusal that only a hook told", () => {
  const prompt = { promptId: "p-2", at: NOW };

  it.each<
    readonly [
      string,
      string | null,
      number,
      typeof prompt | { promptId: null; at: number } | null,
      boolean,
    ]
  >([
    ["of the last prompt", "p-2", NOW + 1, prompt, false],
    ["of the last prompt, with a clock that was set back", "p-2", NOW - HOUR, prompt, false],
    ["of the prompt before it", "p-1", NOW - 1, prompt, true],
    ["of the prompt before it, written late", "p-1", NOW + 1, prompt, true],
    ["of no prompt it names, after the last", null, NOW, prompt, false],
    ["of no prompt it names, before the last", null, NOW - 1, prompt, true],
    ["before a prompt without a name", "p-1", NOW - 1, { promptId: null, at: NOW }, true],
    ["after a prompt without a name", "p-1", NOW, { promptId: null, at: NOW }, false],
    ["in a session without a prompt", "p-1", NOW, null, false],
  ])("%s: prompt %s at %d is of an earlier turn", (_title, promptId, at, last, is) => {
    expect(isOfEarlierTurn({ promptId, at }, last)).toBe(is);
  });
});
