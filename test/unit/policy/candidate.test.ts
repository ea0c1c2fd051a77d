import { describe, expect, it } from "vitest";
import { limitationsOf, pickCandidate } from "../../../src/policy/candidate.ts";
import {
  LIMITATION_CODES,
  type AccountView,
  type CandidateRule,
  type LimitationCode,
  type WindowUsage,
} from "../../../src/policy/model.ts";
import { accountNamed, HOUR, NOW } from "../../support/policy-samples.ts";

const usage = (
  window: WindowUsage["window"],
  usedPercent: number | null,
  resetsAt: number | null = NOW + HOUR,
): WindowUsage => ({ window, usedPercent, resetsAt });

const LIMITATIONS: readonly (readonly [string, Partial<AccountView>, LimitationCode | null])[] = [
  ["nothing stands against it", {}, null],
  ["it is the active one", { name: "one" }, "isActive"],
  ["it was quarantined", { quarantined: "its login is dead" }, "quarantined"],
  ["it holds no login", { loggedIn: false }, "loggedOut"],
  ["a shared link is wrong", { linkProblem: "projects is a folder" }, "linksBroken"],
  ["it is somebody else's by now", { identityProblem: "it answers as x" }, "identityChanged"],
  ["it is spent", { exhaustedUntil: NOW + 1 }, "exhausted"],
  ["it was spent until now", { exhaustedUntil: NOW }, null],
  ["five hours are below the ceiling", { windows: [usage("fiveHour", 94.9)] }, null],
  ["five hours are at the ceiling", { windows: [usage("fiveHour", 95)] }, "aboveCeiling"],
  ["the week is below its own ceiling", { windows: [usage("weekly", 97)] }, null],
  ["the week is at its own ceiling", { windows: [usage("weekly", 98)] }, "aboveCeiling"],
  ["one model is spent", { windows: [usage("model:opus", 100)] }, null],
  ["nobody said how much is used", { windows: [usage("fiveHour", null)] }, null],
  ["its full window was reset since", { windows: [usage("fiveHour", 100, NOW)] }, null],
  ["a full window tells no reset", { windows: [usage("fiveHour", 100, null)] }, "aboveCeiling"],
];

describe("limitationsOf", () => {
  it.each(LIMITATIONS)("%s: %s", (_title, changes, code) => {
    const found = limitationsOf(accountNamed("two", changes), "one", NOW);
    expect(found.map((each) => each.code)).toEqual(code === null ? [] : [code]);
    for (const each of found) expect(each.text).not.toBe("");
  });

  it("has a row for every limitation there is", () => {
    const reached = new Set(LIMITATIONS.flatMap(([, , code]) => code ?? []));
    expect(reached).toEqual(new Set(LIMITATION_CODES));
  });

  it("tells all that stand against one account at once", () => {
    const account = accountNamed("one", {
      quarantined: "billing",
      loggedIn: false,
      linkProblem: "x",
      identityProblem: "y",
      exhaustedUntil: NOW + HOUR,
      windows: [usage("fiveHour", 99), usage("weekly", 99)],
    });
    const codes = limitationsOf(account, "one", NOW).map((each) => each.code);
    expect(codes).toEqual([
      "isActive",
      "quarantined",
      "loggedOut",
      "linksBroken",
      "identityChanged",
      "exhausted",
      "aboveCeiling",
      "aboveCeiling",
    ]);
  });
});

describe("pickCandidate", () => {
  const pick = (rule: CandidateRule, accounts: readonly AccountView[]): string | null =>
    pickCandidate(accounts, "one", rule, NOW)?.name ?? null;
  const active = accountNamed("one", { priority: 0 });

  it.each<readonly [string, CandidateRule, readonly AccountView[], string | null]>([
    [
      "the preferred one by priority",
      "priority",
      [accountNamed("b", { priority: 3 }), accountNamed("c", { priority: 2 })],
      "c",
    ],
    [
      "the emptiest by its fullest window",
      "mostHeadroom",
      [
        accountNamed("b", { windows: [usage("fiveHour", 10), usage("weekly", 80)] }),
        accountNamed("c", { windows: [usage("fiveHour", 40), usage("weekly", 30)] }),
      ],
      "c",
    ],
    [
      "an account nobody knows the use of counts as empty",
      "mostHeadroom",
      [accountNamed("b", { windows: [usage("weekly", 1)] }), accountNamed("c", { priority: 9 })],
      "c",
    ],
    [
      "a window that was reset since counts as empty",
      "mostHeadroom",
      [
        accountNamed("b", { windows: [usage("fiveHour", 20)] }),
        accountNamed("c", { windows: [usage("fiveHour", 90, NOW - 1)] }),
      ],
      "c",
    ],
    [
      "the one that resets first",
      "soonestReset",
      [
        accountNamed("b", { windows: [usage("fiveHour", 10, NOW + 2 * HOUR)] }),
        accountNamed("c", { windows: [usage("fiveHour", 10, NOW + HOUR)] }),
        accountNamed("d"),
      ],
      "c",
    ],
    [
      "a reset that has passed is none to wait for",
      "soonestReset",
      [
        accountNamed("b", { windows: [usage("fiveHour", 10, NOW - HOUR)] }),
        accountNamed("c", { windows: [usage("fiveHour", 10, NOW + HOUR)] }),
      ],
      "c",
    ],
    [
      "equal ones by priority",
      "mostHeadroom",
      [accountNamed("b", { priority: 2 }), accountNamed("c", { priority: 1 })],
      "c",
    ],
    ["equal ones of one priority by name", "priority", [accountNamed("c"), accountNamed("b")], "b"],
    ["nobody when all are limited", "priority", [accountNamed("b", { loggedIn: false })], null],
    ["never the active one", "priority", [], null],
  ])("%s", (_title, rule, others, name) => {
    expect(pick(rule, [active, ...others])).toBe(name);
    expect(pick(rule, [...others, active].toReversed())).toBe(name);
  });
});
