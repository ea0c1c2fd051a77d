import { expect, it } from "vitest";
import type { WhyJson } from "../../../src/api/why-contract.ts";
import { headline } from "../../../src/cli/history.ts";
import { fitted } from "../../../src/cli/table.ts";
import { whyText } from "../../../src/cli/why.ts";
import { STATUS } from "../../support/top-samples.ts";

const [entry] = [STATUS.lastSwitchover].filter((each) => each !== null);
const [session] = entry?.sessions ?? [];

it("the line of a switchover counts who went on, however, and who did not", () => {
  if (entry === undefined || session === undefined) throw new Error("the sample has no switchover");
  const outcomes = ["continued", "wentOn", "relaunched", "notContinued"];
  const sessions = outcomes.map((outcome) => ({ ...session, outcome }));
  expect(headline({ ...entry, sessions })).toMatch(/ in 900 ms, 3 of 4 went on$/);
  expect(headline({ ...entry, sessions: [] })).toMatch(/ in 900 ms$/);
});

it("what the client said moves no cursor in an explanation", () => {
  const why = {
    explanation: ["It stood on \u201cYou\u001b[2J\u201d."],
    events: [{ seq: 1, at: "2026-11-20T12:00:00.000Z", type: "x", data: { text: "a\rb" } }],
  } as unknown as WhyJson;
  expect(whyText(why)).not.toMatch(/[\u001b\r]/);
});

it("a text fits a terminal, the rest of a line set in under it, and is whole without one", () => {
  const text = "One sentence that is long.\n  And one that is set in.\n";
  expect(fitted(text, 18)).toBe("One sentence that\n  is long.\n  And one that is\n    set in.\n");
  expect(fitted(text, null)).toBe(text);
});
