import { describe, expect, it } from "vitest";
import { formatTrace, parseTrace } from "../../../src/simulate/trace.ts";
import { NOW } from "../../support/policy-samples.ts";
import { simulatedAccounts, turnAt } from "../../support/simulated.ts";

const TURN =
  '{"at":"2026-11-20T12:00:00Z","session":"ccl-1","ms":3600000,"fiveHour":60,"weekly":6}';

describe("a trace", () => {
  it("reads what it writes, whatever order the turns stand in", () => {
    const turns = [turnAt(0), turnAt(1, { session: "ccl-2" })];
    const accounts = simulatedAccounts(["one", "two"]);
    const lines = [...formatTrace({ accounts, turns: turns.toReversed() })];
    expect(parseTrace(lines, "usage.jsonl")).toEqual({ accounts, turns });
  });

  it("needs neither a head nor what has a default", () => {
    const bare = '{"at":"2026-11-20T12:00:00Z","session":"ccl-1","fiveHour":60}';
    expect(parseTrace(["", bare, ""], "x")).toEqual({
      accounts: null,
      turns: [{ at: NOW, session: "ccl-1", ms: 0, fiveHour: 60, weekly: 6 }],
    });
  });

  it.each([
    ["{", "line 1: this is no JSON"],
    ["[]", "line 1: this is no object"],
    ["null", "line 1: this is no object"],
    ["{}", "line 1: fiveHour is no number"],
    [`${TURN}\n${TURN.replace("60,", '"60",')}`, "line 2: fiveHour is no number"],
    [`${TURN}\n\n${TURN.replace("60,", "-1,")}`, "line 3: fiveHour is -1, below 0"],
    [TURN.replace("2026-11", "2026-13"), "line 1: at is no time like 2026-11-21T08:21:12Z"],
    [TURN.replace("ccl-1", ""), "line 1: session is no text"],
    ['{"trace":2}', "line 1: trace is 2, this reads 1"],
    [`${TURN}\n{"trace":1}`, "line 2: a head may only be the first line"],
    ['{"trace":1,"accounts":[]}', "line 1: accounts is no list of any"],
    ['{"trace":1,"accounts":[{"name":"a"}]}', "line 1: weeklyResetAt is no time"],
    [
      '{"trace":1,"accounts":[{"name":"a","weeklyResetAt":"2026-11-20"},{"name":"a","weeklyResetAt":"2026-11-20"}]}',
      "line 1: two accounts have the same name",
    ],
    ["", "it holds no turn"],
    ['{"trace":1}', "it holds no turn"],
  ])("%j is refused: %s", (text, problem) => {
    expect(() => parseTrace(text.split("\n"), "usage.jsonl")).toThrow(
      `usage.jsonl is no trace: ${problem}`,
    );
  });

  it("names the first five wrong lines in one go, and not a thousand", () => {
    const lines = Array.from({ length: 1000 }, () => "{");
    expect(() => parseTrace(lines, "x")).toThrow(/line 1: .*line 5: this is no JSON\.$/);
  });
});
