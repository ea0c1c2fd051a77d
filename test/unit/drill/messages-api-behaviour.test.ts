import { describe, expect, it } from "vitest";
import { answerHeaders, refusalOf } from "../../../src/drill/messages-api-behaviour.ts";

describe("refusalOf", () => {
  it.each([
    ["busy", 429, "rate_limit_error"],
    ["overload", 529, "overloaded_error"],
    ["error", 500, "api_error"],
    ["auth", 401, "authentication_error"],
    ["forbidden", 403, "permission_error"],
    ["credit", 400, "invalid_request_error"],
  ] as const)("answers %s with %i and no usage headers", (kind, status, type) => {
    const refusal = refusalOf({ kind }, "req_1");
    expect(refusal.status).toBe(status);
    expect(refusal.body.error.type).toBe(type);
    expect(refusal.headers).toEqual({ "x-should-retry": "false" });
  });

  it("names the window and its reset in the headers of a usage limit", () => {
    const refusal = refusalOf({ kind: "limit", type: "five_hour", resetsAt: 1795182243 }, "req_1");
    expect(refusal.status).toBe(429);
    expect(refusal.headers).toMatchObject({
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-representative-claim": "five_hour",
      "anthropic-ratelimit-unified-reset": "1795182243",
      "anthropic-ratelimit-unified-5h-utilization": "1",
      "anthropic-ratelimit-unified-overage-status": "rejected",
    });
  });

  it("says what it is told to say, and may ask for a retry", () => {
    const refusal = refusalOf({ kind: "auth", message: "gone", retry: true }, "req_1");
    expect(refusal.body.error.message).toBe("gone");
    expect(refusal.headers["x-should-retry"]).toBe("true");
  });
});

describe("answerHeaders", () => {
  it("gives utilization as a fraction of one", () => {
    const headers = answerHeaders({
      fiveHour: { usedPercent: 42, resetsAt: 10 },
      sevenDay: { usedPercent: 17, resetsAt: 20 },
    });
    expect(headers).toMatchObject({
      "anthropic-ratelimit-unified-5h-utilization": "0.42",
      "anthropic-ratelimit-unified-7d-utilization": "0.17",
      "anthropic-ratelimit-unified-7d-reset": "20",
    });
  });

  it("is silent without utilization", () => {
    expect(answerHeaders(undefined)).toEqual({});
  });
});
