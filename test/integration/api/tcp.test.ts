import type { Server } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { gated } from "../../../src/api/gate.ts";
import { listenTcp } from "../../../src/api/listen.ts";
import { apiApp } from "../../../src/api/server.ts";
import { apiClient } from "../../../src/api/typed-client.ts";
import { systemClock } from "../../../src/clock.ts";
import { DONE, FakeHandlers, STATUS } from "../../support/fake-handlers.ts";

const TOKEN = "0123456789abcdef";
const AUTH = `Authorization: Bearer ${TOKEN}`;
const IMPATIENT = { headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 50 };

async function serve() {
  const handlers = new FakeHandlers();
  const app = gated(apiApp(handlers.areas), { token: TOKEN, clock: systemClock });
  const { server, url } = await listenTcp(app, { host: "127.0.0.1", port: 0 }, IMPATIENT);
  closeAtEnd(server);
  const answers = async (): Promise<void> => {
    const response = await fetch(`${url}/v1/status`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(await response.json()).toEqual(STATUS);
  };
  return { handlers, url, answers, port: Number(new URL(url).port) };
}

function closeAtEnd(server: Server): void {
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}

/** Writes bytes as they are and resolves with everything that came until the other side hung up. */
async function raw(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let got = "";
  socket.on("data", (chunk) => (got += String(chunk)));
  socket.on("error", () => undefined);
  for (const part of parts) socket.write(part);
  await new Promise((resolve) => socket.once("close", resolve));
  return got;
}

const HEAD = `POST /v1/switchover HTTP/1.1\r\nHost: 127.0.0.1\r\n${AUTH}\r\n`;

describe("a port", () => {
  it("answers on the loopback device with the token", async () => {
    const { answers, url } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await answers();
  });

  it("answers the client that has the token, and tells one that has not", async () => {
    const { handlers, url } = await serve();
    const client = apiClient({ port: { url, token: TOKEN } });
    expect(await client.status()).toEqual(STATUS);
    expect(await client.switchover({ to: "two" })).toEqual(DONE);
    handlers.happen(2);
    for await (const { seq } of client.follow(1)) {
      expect(seq).toBe(2);
      break;
    }
    const stranger = apiClient({ port: { url, token: "another-token-of-16" } });
    const refused = { code: "CF_DAEMON_ERROR", details: { code: "CF_API_TOKEN" } };
    await expect(stranger.status()).rejects.toMatchObject(refused);
  });

  it("that is taken is an error that names it", async () => {
    const { port } = await serve();
    const app = apiApp(new FakeHandlers().areas);
    await expect(listenTcp(app, { host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "CF_API_LISTEN",
      message: `Nothing can listen on 127.0.0.1:${port} (EADDRINUSE).`,
    });
  });

  it("beyond the loopback device is refused", async () => {
    const app = apiApp(new FakeHandlers().areas);
    await expect(listenTcp(app, { host: "0.0.0.0", port: 0 })).rejects.toMatchObject({
      code: "CF_API_LISTEN",
    });
  });

  it.each<readonly [string, readonly (string | Buffer)[], RegExp]>([
    ["half a head", ["GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n"], /^HTTP\/1\.1 408 /],
    ["half a body", [`${HEAD}Content-Length: 50\r\n\r\n{"to":`], /^HTTP\/1\.1 408 /],
    ["no HTTP", [Buffer.from([0, 255, 1, 2, 13, 10, 13, 10])], /^HTTP\/1\.1 400 /],
    ["a head without end", [`GET / HTTP/1.1\r\nX: ${"x".repeat(40_000)}\r\n`], /^HTTP\/1\.1 431 /],
    [
      "two lengths",
      [`${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`],
      /^HTTP\/1\.1 400 /,
    ],
    [
      "a body that is too long",
      [`${HEAD}Connection: close\r\nContent-Length: 70000\r\n\r\n${"x".repeat(70_000)}`],
      /^HTTP\/1\.1 413 /,
    ],
    [
      "a body that says no length and is too long",
      [
        `${HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n`,
        `11170\r\n${"x".repeat(70_000)}\r\n0\r\n\r\n`,
      ],
      /^HTTP\/1\.1 413 /,
    ],
    [
      "half a JSON",
      [`${HEAD}Connection: close\r\nContent-Length: 6\r\n\r\n{"to":`],
      /^HTTP\/1\.1 400 [\s\S]*CF_API_REQUEST/,
    ],
  ])("is unharmed by %s", async (_what, parts, expected) => {
    const { handlers, answers, port } = await serve();
    expect(await raw(port, ...parts)).toMatch(expected);
    expect(handlers.asked).toEqual([]);
    await answers();
  });
});
