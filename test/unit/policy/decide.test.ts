import { describe, expect, it } from "vitest";
import { decide } from "../../../src/policy/decide.ts";
import { REASON_CODES, type Decision } from "../../../src/policy/model.ts";
import { LEAVING } from "../../support/decide-leaving.ts";
import {
  EXHAUSTED_ELSEWHERE,
  none,
  one,
  REFUSED,
  spent,
  two,
  type Row,
} from "../../support/decide-rows.ts";
import { evidenceOf, NOW, observationOf, SETTINGS } from "../../support/policy-samples.ts";

const ROWS: readonly Row[] = [...REFUSED, ...EXHAUSTED_ELSEWHERE, ...LEAVING];

function decideRow({ seen = {}, settings = {} }: Pick<Row, "seen" | "settings">): Decision {
  return decide(observationOf(seen), { ...SETTINGS, ...settings }, NOW);
}

describe("decide", () => {
  it.each(ROWS)("$title: $code", ({ seen, settings, code, is }) => {
    const decision = decideRow({ ...(seen && { seen }), ...(settings && { settings }) });
    expect(decision).toMatchObject({ ...is, reason: { code } });
    expect(decision.reason.text).not.toBe("");
  });

  it("has a row for every reason there is", () => {
    expect(new Set(ROWS.map(({ code }) => code))).toEqual(new Set(REASON_CODES));
  });

  it("names the newest confirmed limit as the trigger", () => {
    const newest = evidenceOf({ id: "e-2", session: "ccl-2" });
    const after = evidenceOf({ id: "e-3", session: "ccl-3", refusal: { window: "model:opus" } });
    const decision = decideRow({ seen: { evidence: [evidenceOf(), newest, after] } });
    expect(decision).toMatchObject({ trigger: { id: "e-2" } });
    expect(decision.reason.text).toBe(
      "one reached its limit in session ccl-2; two is the candidate by priority",
    );
  });

  it("tells what stood in the way of every account, also when it stays", () => {
    const accounts = [one(spent), two({ loggedIn: false })];
    for (const seen of [{ accounts }, { accounts, paused: true }, { accounts, evidence: none }]) {
      expect(decideRow({ seen }).accounts).toEqual([
        { account: "one", limitations: expect.arrayContaining([expect.anything()]) },
        { account: "two", limitations: [{ code: "loggedOut", text: "its home holds no login" }] },
      ]);
    }
  });

  it("tells why an account that is exhausted is not left", () => {
    const seen = { evidence: none, limit: evidenceOf({ session: "api" }) };
    const spentBoth = { ...seen, accounts: [one(spent), two(spent)] };
    expect(decideRow({ seen: spentBoth }).reason.text).toBe(
      "one is exhausted until 2026-11-20T14:00:00.000Z, and no other account may take over; no turn here was cut off by it",
    );
    const pinned = { ...seen, pinned: "one", activeSince: NOW };
    expect(decideRow({ seen: pinned }).reason.text).toContain("an operator switched to it all the");
  });

  it("tells its times as RFC 3339 in UTC", () => {
    const waiting = decideRow({ seen: { accounts: [one(spent)] } });
    expect(waiting.reason.text).toContain("the earliest reset is 2026-11-20T14:00:00.000Z");
    const cooling = decideRow({ seen: { lastSwitchAt: NOW } });
    expect(cooling.reason.text).toContain("which ends 2026-11-20T12:05:00.000Z");
  });
});
