import { expect, test } from "vitest";
import { judge, type Phase } from "../../../src/drill/verdict.ts";
import { DEFAULT_SHAPE, shapeOf } from "../../../src/drill/shape.ts";
import { configFrom } from "../../support/config-text.ts";

const report = (passed: boolean): NonNullable<Phase["report"]> => ({
  schema: 1,
  agent: "x",
  sessions: [],
  timings: [],
  checks: [{ claim: "it moved", ok: passed, found: "2" }],
  passed,
});
const hot = (passed: boolean): Phase => ({ strategy: "hot", report: report(passed), error: null });
const stuck: Phase = { strategy: "relaunch", report: null, error: "It waited.\nIts screen: …" };
const relaunched: Phase = { strategy: "relaunch", report: report(true), error: null };

test.each([
  [[hot(true), relaunched], "hot", null],
  [[hot(true), stuck], "hot", "relaunch: It waited."],
  [[hot(false), relaunched], "relaunch", "hot: it moved: 2"],
  [[hot(false), stuck], "broken", "hot: it moved: 2 relaunch: It waited."],
] as const)("phases %j are %s: %s", (phases, verdict, why) => {
  expect(judge(phases)).toEqual({ verdict, why });
});

test("the shape of a configuration leads nowhere out of the sandbox", () => {
  const config = configFrom(`
accounts: [{ name: a, home: /srv/a }, { name: b, home: /srv/b }, { name: c, home: /srv/c }]
slot: /srv/slot
shared: { root: /srv, links: [session-env, file-history, projects, todos] }
sessions: { dedicated: [{ name: x, cwd: /x }], pool: { min: 4, max: 4, cwd: /x }, nudge: go on }
`);
  expect(shapeOf(config, "/home/op")).toEqual({
    slotName: "slot",
    links: config.shared.links,
    nudge: "go on",
    accounts: 3,
    sessions: 5,
  });
  const least = configFrom("accounts: [{ name: a, home: ~/.claude-a }]\n");
  expect(shapeOf(least, "/home/op")).toMatchObject({
    slotName: DEFAULT_SHAPE.slotName,
    accounts: 2,
  });
});
