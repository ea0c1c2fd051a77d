import { describe, expect, it } from "vitest";
import { refusalOf } from "../../../../src/drill/messages-api-behaviour.ts";
import type { RefusalBehaviour } from "../../../../src/drill/messages-api-behaviour.ts";
import { classify, resetText } from "../../../../src/drill/stand-in/refusal.ts";
import type { Refusal } from "../../../../src/drill/stand-in/refusal.ts";

const NOW = Date.parse("2026-11-21T08:00:00Z");
const SOON = NOW / 1000 + 7_200;

function answered(behaviour: RefusalBehaviour): Refusal {
  const { status, headers, body } = refusalOf(behaviour, "req_1");
  const error = { status, headers, type: body.error.type, message: body.error.message };
  return classify({ ...error, requestId: null }, { host: "127.0.0.1:1", now: NOW });
}

describe("classify", () => {
  it.each<[RefusalBehaviour, string, RegExp]>([
    [{ kind: "busy" }, "rate_limit", /not your usage limit/],
    [{ kind: "auth" }, "authentication_failed", /^Please run \/login · API Error: 401/],
    [{ kind: "forbidden" }, "authentication_failed", /^Please run \/login · API Error: 403/],
    [{ kind: "credit" }, "billing_error", /^Credit balance is too low$/],
    [{ kind: "overload" }, "server_error", /^API Error: 529 Overloaded\. This/],
    [{ kind: "error" }, "server_error", /^API Error: 500 Internal server error\. This/],
  ])("reads $kind as %s", (behaviour, error, text) => {
    const refusal = answered(behaviour);
    expect(refusal.error).toBe(error);
    expect(refusal.text).toMatch(text);
    expect(refusal.quota).toBeNull();
  });

  it.each([
    ["five_hour", "rejected", /^You've hit your limit · resets /],
    ["five_hour", null, /^You've hit your 5-hour limit · resets /],
    ["seven_day", null, /^You've hit your weekly limit/],
    ["seven_day_opus", null, /^You've hit your Opus limit/],
    ["seven_day_opus", "rejected", /^You've hit your limit/],
  ])("names the %s limit when extra usage is %s", (type, overageStatus, text) => {
    const refusal = answered({ kind: "limit", type, resetsAt: SOON, overageStatus });
    expect(refusal.text).toMatch(text);
    expect(refusal.quota).toMatchObject({ rateLimitType: type, resetsAt: SOON });
  });
});

it("says a reset of today as a time and a later one with its day", () => {
  expect(resetText(SOON, NOW, false)).toMatch(/^\d+(:\d\d)?(am|pm)$/);
  expect(resetText(SOON + 400_000, NOW)).toMatch(/^Nov \d+, \d+(:\d\d)?(am|pm) \(.+\)$/);
});
