import { expect, it } from "vitest";
import { slotNamed, slotsInUse } from "../../../src/config/slots.ts";
import { configFrom, problemsIn } from "../../support/config-text.ts";

const DIR = "/home/op/.local/state/claude-failover/slots";

/** A configuration of two accounts with these dedicated sessions. */
const textWith = (...sessions: readonly string[]): string =>
  ["accounts: [{ name: one, home: ~/.one }, { name: two, home: ~/.two }]", "sessions:"]
    .concat("  dedicated:", ...sessions.map((each) => `    - { cwd: /p, ${each} }`))
    .join("\n");

it("has the shared slot, one for each session of its own, and one for each group", () => {
  const config = configFrom(
    textWith(
      "name: web",
      "name: api, slot: own, account: two",
      "name: r1, slot: own, group: review",
      "name: r2, slot: own, group: review, account: one",
    ),
  );
  expect(config.slots).toEqual([
    { name: "shared", path: "/home/op/.claude", account: null },
    { name: "api", path: `${DIR}/api`, account: "two" },
    { name: "review", path: `${DIR}/review`, account: "one" },
  ]);
  expect(config.sessions.dedicated.map(({ slot }) => slot)).toEqual([
    "shared",
    "api",
    "review",
    "review",
  ]);
  expect(slotNamed(config, "api").account).toBe("two");
  // A client still runs that was started with it.
  const gone = { name: "gone", path: `${DIR}/gone`, account: null };
  expect(slotNamed(config, "gone")).toEqual(gone);
  const rows = ["gone", "api", "gone"].map((slot) => ({ name: "web", slot }));
  expect(slotsInUse(config, rows)).toEqual([...config.slots, gone]);
  expect(slotsInUse(config, [{ name: "removed", slot: "gone" }])).toEqual(config.slots);
});

it.each<readonly [string, readonly string[], readonly string[]]>([
  ["a group of the shared slot", ["name: a, group: g"], ["group is there without slot: own"]],
  [
    "an account of the shared slot",
    ["name: a, account: one"],
    ["account is there without slot: own"],
  ],
  [
    "a session that is called as the shared slot",
    ["name: shared, slot: own"],
    ["name is the name of the shared slot"],
  ],
  [
    "a group that is called so",
    ["name: a, slot: own, group: shared"],
    ["group is the name of the shared slot"],
  ],
  [
    "a group that is called as a session alone",
    ["name: a, slot: own", "name: b, slot: own, group: a"],
    ['group is "a", a session with a slot of its own'],
  ],
  [
    "an account that is none",
    ["name: a, slot: own, account: six"],
    ['account is "six"; write one of one, two'],
  ],
  [
    "two accounts in a group",
    ["name: a, slot: own, group: g, account: one", "name: b, slot: own, group: g, account: two"],
    ['account is "two", but its group starts at one'],
  ],
  ["neither of both", ["name: a, slot: mine"], ["slot"]],
  ["a session in a group of its name", ["name: a, slot: own, group: a"], []],
])("refuses %s", (_what, sessions, problems) => {
  const found = problemsIn(textWith(...sessions));
  expect(found).toEqual(problems.map((each) => expect.stringContaining(each) as string));
});
