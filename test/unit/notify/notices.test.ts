import { describe, expect, test } from "vitest";
import { noticeOf, TOLD_TYPES } from "../../../src/notify/notices.ts";
import { plain, read, tableRows } from "../docs/read-docs.ts";
import type { Json } from "../../../src/store/json.ts";

const told = (type: string, data: Json = null, seq = 1) => noticeOf({ seq, type, data });

test.each<[string, Json, string, boolean]>([
  ["switchover.committed", { id: 3, from: "a", to: "b", cause: "failover" }, "failover", false],
  ["switchover.committed", { id: 3, from: "a", to: "b", cause: "switchover" }, "switchover", false],
  ["switchover.committed", { id: 3, from: "a", to: "b", cause: "failback" }, "failback", false],
  ["switchover.rolledBack", { id: 3, code: "CF_X", text: "no" }, "rolledBack", true],
  [
    "switchover.refused",
    { to: "b", code: "CF_X", text: "no", cause: "failover" },
    "failoverRefused",
    true,
  ],
  ["decision", { kind: "wait", code: "allExhausted", text: "x; y" }, "allExhausted", true],
  ["decision", { kind: "wait", code: "noCandidate", text: "x; y" }, "noCandidate", true],
  ["decision", { kind: "stay", code: "accountTrouble", text: "x" }, "authHold", true],
  ["decision", { kind: "stay", code: "slotAstray", text: "x" }, "failoverRefused", true],
  ["proposal.made", { from: "a", to: "b", text: "x; y" }, "confirmNeeded", true],
  ["relaunch.stopped", { account: "a", failures: 3, until: "U" }, "authHold", true],
  ["session.asking", { session: "s", text: "Allow?" }, "sessionAsking", false],
  ["daemon.crashed", { pid: 1, startedAt: "2026-11-20T12:00:00.000Z" }, "crashed", true],
  ["daemon.stopped", { pid: 1 }, "stopped", false],
  ["session.crashLoop", { session: "s", deaths: 5 }, "sessionDead", true],
  ["session.notContinued", { session: "s", proof: null }, "sessionNotContinued", false],
  ["task.failed", { task: 4, session: "s", text: "why" }, "taskFailed", false],
  ["fault", { what: "decide", code: "CF_STORE_FULL", text: "full" }, "fault", false],
])("%s %j is told as %s", (type, data, event, urgent) => {
  expect(told(type, data)).toMatchObject({ event, urgent });
});

test("of a slot that is not the one of all is told which one it is, apart from the others", () => {
  const moved = { id: 3, from: "a", to: "b", cause: "failover" };
  expect(told("switchover.committed", { ...moved, slot: "api" })?.title).toBe(
    "slot api: Moved from a to b",
  );
  expect(told("switchover.committed", { ...moved, slot: "shared" })?.title).toBe(
    "Moved from a to b",
  );
  const decision = { kind: "wait", code: "allExhausted", text: "x; y" };
  const [shared, api] = ["shared", "api"].map((slot) => told("decision", { ...decision, slot }));
  expect([shared?.text, api?.text]).toEqual(["x; y", "slot api: x; y"]);
  expect(shared?.key).not.toBe(api?.key);
});

describe("nothing is told of", () => {
  test.each<[string, Json]>([
    ["decision", { kind: "stay", code: "healthy", text: "x" }],
    ["switchover.refused", { to: "b", code: "CF_X", text: "no", cause: "switchover" }],
    ["session.continued", { session: "s" }],
    ["notify.failed", { channel: "c" }],
    ["constructor", null],
  ])("%s %j", (type, data) => {
    expect(told(type, data)).toBeNull();
  });
});

test("a second session that meets the same standstill says nothing new", () => {
  const text = (session: string): string =>
    `a reached its limit in session ${session}; every account is exhausted, the earliest reset is X`;
  const one = told("decision", { code: "allExhausted", text: text("s1") });
  const other = told("decision", { code: "allExhausted", text: text("s2") });
  expect(one?.key).toBe(other?.key);
  const later = told("decision", { code: "allExhausted", text: `${text("s1")}Y` });
  expect(later?.key).not.toBe(one?.key);
});

test("only what happens is told: docs/events.md explains every type", () => {
  const explained = new Set(tableRows(read("docs/events.md")).map(([type = ""]) => plain(type)));
  expect(TOLD_TYPES.filter((type) => !explained.has(type))).toEqual([]);
});

test("a second pause is told again", () => {
  expect(told("paused", null, 1)?.key).not.toBe(told("paused", null, 2)?.key);
});

test("a move that waits for an answer is told with both accounts, the time, and how to answer", () => {
  const data = {
    from: "a",
    to: "b",
    text: "a reached its limit",
    until: "2026-11-28T05:00:00.000Z",
  };
  const asked = (slot: string) =>
    noticeOf({ seq: 1, type: "proposal.made", data: { ...data, slot } });
  expect(asked("")).toMatchObject({
    title: "Move the fleet from a to b?",
    text: "a reached its limit. Without an answer until 2026-11-28T05:00:00.000Z nothing is done: claude-failover confirm, or claude-failover decline.",
  });
  expect(asked("api")?.title).toBe("Move slot api from a to b?");
  expect(asked("api")?.text).toContain("claude-failover status says how to answer.");
});
