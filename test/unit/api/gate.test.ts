import { describe, expect, it } from "vitest";
import { gated } from "../../../src/api/gate.ts";
import { apiApp } from "../../../src/api/server.ts";
import { FakeHandlers } from "../../support/fake-handlers.ts";
import { manualClock } from "../../support/manual-clock.ts";

const TOKEN = "0123456789abcdef";
const RIGHT = { host: "127.0.0.1:8765", authorization: `Bearer ${TOKEN}` };

function gate() {
  const handlers = new FakeHandlers();
  const clock = manualClock();
  const app = gated(apiApp(handlers.areas), { token: TOKEN, clock });
  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const response = await app.request(path, { method, headers });
    return { status: response.status, text: await response.text() };
  };
  return { handlers, clock, ask };
}

describe("over TCP", () => {
  it.each<readonly [string, Record<string, string>]>([
    ["the token", RIGHT],
    ["localhost", { ...RIGHT, host: "localhost:8765" }],
    ["IPv6", { ...RIGHT, host: "[::1]:8765" }],
    ["its own origin", { ...RIGHT, origin: "http://127.0.0.1:8765" }],
    ["a same-origin page", { ...RIGHT, "sec-fetch-site": "same-origin" }],
    ["bearer in small letters", { ...RIGHT, authorization: `bearer ${TOKEN}` }],
  ])("a request with %s is answered", async (_what, headers) => {
    const { ask, handlers } = gate();
    expect((await ask("GET", "/v1/status", headers)).status).toBe(200);
    expect(handlers.asked).toEqual(["status"]);
  });

  it.each<readonly [string, Record<string, string>, number, string]>([
    ["no token", { host: RIGHT.host }, 401, "CF_API_TOKEN"],
    ["a wrong token", { ...RIGHT, authorization: "Bearer 0123456789abcdeg" }, 401, "CF_API_TOKEN"],
    ["half of it", { ...RIGHT, authorization: "Bearer 01234567" }, 401, "CF_API_TOKEN"],
    ["more than it", { ...RIGHT, authorization: `Bearer ${TOKEN}0` }, 401, "CF_API_TOKEN"],
    ["an empty one", { ...RIGHT, authorization: "Bearer " }, 401, "CF_API_TOKEN"],
    ["another scheme", { ...RIGHT, authorization: `Basic ${TOKEN}` }, 401, "CF_API_TOKEN"],
    ["a foreign Host", { ...RIGHT, host: "evil.example" }, 403, "CF_API_FOREIGN"],
    [
      "a Host that begins well",
      { ...RIGHT, host: "127.0.0.1.evil.example" },
      403,
      "CF_API_FOREIGN",
    ],
    ["a rebound Host", { ...RIGHT, host: "localhost.evil.example:8765" }, 403, "CF_API_FOREIGN"],
    ["a foreign Origin", { ...RIGHT, origin: "https://evil.example" }, 403, "CF_API_FOREIGN"],
    ["another port's Origin", { ...RIGHT, origin: "http://127.0.0.1:1" }, 403, "CF_API_FOREIGN"],
    ["a null Origin", { ...RIGHT, origin: "null" }, 403, "CF_API_FOREIGN"],
    ["a cross-site page", { ...RIGHT, "sec-fetch-site": "cross-site" }, 403, "CF_API_FOREIGN"],
  ])("a request with %s is refused, whatever it asks", async (_what, headers, status, code) => {
    const { ask, handlers } = gate();
    for (const [method, path] of [
      ["GET", "/v1/status"],
      ["GET", "/v1/status?token=0123456789abcdef"],
      ["GET", "/healthz"],
      ["GET", "/metrics"],
      ["GET", "/openapi.json"],
      ["POST", "/v1/pause"],
      ["GET", "/nothing"],
    ] as const) {
      const answer = await ask(method, path, headers);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.text).toContain(code);
      expect(answer.text).not.toContain(TOKEN);
    }
    expect(handlers.asked).toEqual([]);
  });

  it("changes are limited, and come back with time; reading is not", async () => {
    const { ask, clock } = gate();
    const change = async () => (await ask("POST", "/v1/pause", RIGHT)).status;
    for (let count = 0; count < 30; count += 1) expect(await change()).toBe(200);
    expect(await change()).toBe(429);
    expect((await ask("GET", "/v1/status", RIGHT)).status).toBe(200);
    clock.advance(1_000);
    expect(await change()).toBe(200);
    expect(await change()).toBe(429);
  });
});
