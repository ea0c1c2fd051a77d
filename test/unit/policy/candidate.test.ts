import { describe, expect, it } from "vitest";
import {
  limitationsOf,
  pickCandidate,
  type CandidateLook,
  type Choice,
} from "../../../src/policy/candidate.ts";
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

/** The fleet works with Opus, and spends a quarter of five hours in an hour. */
const LOOK: CandidateLook = {
  active: "one",
  now: NOW,
  jitterMs: 0,
  models: ["claude-opus-5-5"],
  spending: [{ window: "fiveHour", percentPerHour: 25, limitAt: null }],
};

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
  ["a model nobody uses is spent", { windows: [usage("model:sonnet", 100)] }, null],
  ["the model in use is at the ceiling", { windows: [usage("model:opus", 98)] }, "aboveCeiling"],
  [
    "the model in use is spent",
    { windows: [{ ...usage("model:opus", null), exhaustedUntil: NOW + 1 }] },
    "modelSpent",
  ],
  ["it is on paid usage", { paidUntil: NOW + 1 }, "paidUsage"],
  ["it was on paid usage until now", { paidUntil: NOW }, null],
  [
    "at the present pace it is spent in four minutes",
    { ceiling: { fiveHour: 100, weekly: 100 }, windows: [usage("fiveHour", 98.4)] },
    "nearlySpent",
  ],
  [
    "at the present pace it lasts a quarter of an hour",
    { ceiling: { fiveHour: 100, weekly: 100 }, windows: [usage("fiveHour", 93)] },
    null,
  ],
  [
    "one percent is left and nobody knows the pace",
    { ceiling: { fiveHour: 100, weekly: 100 }, windows: [usage("weekly", 99)] },
    "nearlySpent",
  ],
  ["nobody said how much is used", { windows: [usage("fiveHour", null)] }, null],
  ["its full window was reset since", { windows: [usage("fiveHour", 100, NOW)] }, null],
  [
    "a window above the ceiling tells no reset",
    { windows: [usage("fiveHour", 96, null)] },
    "aboveCeiling",
  ],
];

describe("limitationsOf", () => {
  it.each(LIMITATIONS)("%s: %s", (_title, changes, code) => {
    const found = limitationsOf(accountNamed("two", changes), LOOK);
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
      paidUntil: NOW + HOUR,
      windows: [usage("fiveHour", 99), usage("weekly", 98), usage("model:opus", 100)],
    });
    const codes = limitationsOf(account, LOOK).map((each) => each.code);
    expect(codes).toEqual([
      "isActive",
      "quarantined",
      "loggedOut",
      "linksBroken",
      "identityChanged",
      "exhausted",
      "paidUsage",
      "nearlySpent",
      "aboveCeiling",
      "aboveCeiling",
      "aboveCeiling",
    ]);
  });
});

describe("pickCandidate", () => {
  const pick = (rule: CandidateRule, accounts: readonly AccountView[]): string | null =>
    pickCandidate({ accounts, rule, strict: false }, LOOK)?.name ?? null;
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
      [
        accountNamed("b", { windows: [usage("fiveHour", 1, NOW + 5 * HOUR)] }),
        accountNamed("c", { priority: 9 }),
      ],
      "c",
    ],
    [
      "a window that was reset since counts as empty",
      "mostHeadroom",
      [
        accountNamed("b", { windows: [usage("fiveHour", 20, NOW + 5 * HOUR)] }),
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

  const choose = (choice: Partial<Choice>, look: Partial<CandidateLook> = {}): string | null =>
    pickCandidate(
      { accounts: [active], rule: "priority", strict: false, ...choice },
      { ...LOOK, ...look },
    )?.name ?? null;
  const at = (name: string, fiveHour: number) =>
    accountNamed(name, { windows: [usage("fiveHour", fiveHour)] });

  it("takes an account above its ceiling only where no other is free, and not without need", () => {
    const above = at("b", 96);
    expect(choose({ accounts: [above, accountNamed("c", { priority: 2 })] })).toBe("c");
    expect(choose({ accounts: [above] })).toBe("b");
    expect(choose({ accounts: [above], strict: true })).toBeNull();
  });

  it.each<readonly [readonly string[], string]>([
    [[], "b"],
    [["b"], "a"],
    [["b", "a"], "full"],
    [["b", "a", "full"], "b"],
  ])("passes over %j, which refused just now, unless nobody else may take over", (refused, to) => {
    const accounts = [
      accountNamed("a", { priority: 3 }),
      accountNamed("b", { priority: 2 }),
      accountNamed("full", { windows: [{ window: "weekly", usedPercent: 98.5, resetsAt: null }] }),
    ];
    const choice = { accounts, rule: "priority", strict: false } as const;
    expect(pickCandidate(choice, { ...LOOK, refused })?.name).toBe(to);
  });

  it("without need takes only an account that is well below its ceiling", () => {
    expect(choose({ accounts: [at("b", 91)], strict: true })).toBeNull();
    expect(choose({ accounts: [at("b", 90)], strict: true })).toBe("b");
  });

  it("takes nobody who would be spent in minutes, whatever the need", () => {
    expect(choose({ accounts: [at("b", 99)] })).toBeNull();
  });

  it("takes nobody whose own allowance for the model is spent when that is why it leaves", () => {
    const windows = [{ ...usage("model:opus", null), exhaustedUntil: NOW + HOUR }];
    const accounts = [accountNamed("b", { windows })];
    expect(choose({ accounts, needs: "model:opus" })).toBeNull();
    expect(choose({ accounts })).toBe("b");
  });

  it("by headroom goes by how long each lasts, not by how full it is", () => {
    const long = accountNamed("b", { windows: [usage("fiveHour", 60), usage("weekly", 10)] });
    const short = accountNamed("c", {
      windows: [usage("fiveHour", 10), usage("weekly", 59, NOW + 100 * HOUR)],
    });
    const spending = [
      { window: "fiveHour", percentPerHour: 30, limitAt: null },
      { window: "weekly", percentPerHour: 40, limitAt: null },
    ] as const;
    const choice = { accounts: [long, short], rule: "mostHeadroom" } as const;
    expect(choose(choice, { spending })).toBe("b");
    expect(choose({ ...choice, accounts: [at("c", 60), at("d", 40)] }, { spending: [] })).toBe("d");
  });

  it("by headroom, where all last for hours, takes the one whose week would be lost", () => {
    const week = (name: string, used: number, hoursLeft: number) =>
      accountNamed(name, { windows: [usage("weekly", used, NOW + hoursLeft * HOUR)] });
    const accounts = [week("b", 30, 150), week("c", 50, 20)];
    expect(choose({ accounts, rule: "mostHeadroom" })).toBe("c");
  });
});
