import { once } from "node:events";
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ask, follow } from "../../../src/api/client.ts";
import type { EventJson, StatusJson } from "../../../src/api/contract.ts";
import { listen } from "../../../src/api/listen.ts";
import { apiApp } from "../../../src/api/server.ts";
import { DONE, FakeHandlers, STATUS } from "../../support/fake-handlers.ts";
import { tempDir } from "../../support/temp-dir.ts";

const UMASK = process.umask();

function closeAtEnd(server: Server): Server {
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return server;
}

/** Handlers of a daemon that hangs in a switchover. */
class SilentHandlers extends FakeHandlers {
  override async switchover(options: { to: string | null; dryRun: boolean }): Promise<never> {
    this.asked.push(options);
    return new Promise(() => undefined);
  }
}

/** The API on a socket of its own. */
async function serve(handlers = new FakeHandlers()) {
  const socket = join(tempDir(), "api.sock");
  const server = closeAtEnd(await listen(apiApp(handlers.areas), socket));
  return { handlers, socket, server };
}

describe("the socket", () => {
  it("is for its owner alone, and the process keeps its umask", async () => {
    const { socket } = await serve();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(UMASK);
  });

  it("goes on listening after connections that could not be taken", async () => {
    const { socket, server } = await serve();
    for (const errno of ["EMFILE", "ENFILE"]) server.emit("error", new Error(`accept ${errno}`));
    expect(await ask({ socket, method: "GET", path: "/v1/status" })).toEqual(STATUS);
  });

  it("replaces the one that a dead daemon left", async () => {
    const { socket, server } = await serve();
    // Under another name, so that the end of its server does not remove it.
    const stale = `${socket}.stale`;
    renameSync(socket, stale);
    await new Promise((resolve) => server.close(resolve));
    expect(lstatSync(stale).isSocket()).toBe(true);
    closeAtEnd(await listen(apiApp(new FakeHandlers().areas), stale));
    expect(await ask({ socket: stale, method: "GET", path: "/v1/status" })).toEqual(STATUS);
  });

  it.each<readonly [string, (path: string) => void]>([
    ["a file", (path) => writeFileSync(path, "mine")],
    ["a folder", (path) => mkdirSync(path)],
    ["a link, even to a socket", (path) => symlinkSync("elsewhere.sock", path)],
  ])("leaves %s in its place alone", async (_what, put) => {
    const socket = join(tempDir(), "api.sock");
    put(socket);
    await expect(listen(apiApp(new FakeHandlers().areas), socket)).rejects.toMatchObject({
      code: "CF_API_SOCKET",
      message: `${socket} is not a socket; it is left alone.`,
    });
    expect(process.umask()).toBe(UMASK);
  });

  it.each([
    ["its folder is missing", "gone/api.sock", "EACCES"],
    ["its folder is a file", "file/api.sock", "ENOTDIR"],
  ])("cannot be made when %s", async (_why, path, errno) => {
    const dir = tempDir();
    writeFileSync(join(dir, "file"), "mine");
    const made = listen(apiApp(new FakeHandlers().areas), join(dir, path));
    await expect(made).rejects.toMatchObject({
      code: "CF_API_SOCKET",
      message: `The socket ${join(dir, path)} cannot be made (${errno}).`,
    });
    expect(readFileSync(join(dir, "file"), "utf8")).toBe("mine");
    expect(process.umask()).toBe(UMASK);
  });
});

describe("a client of the daemon", () => {
  it("asks over the socket, with and without a body", async () => {
    const { handlers, socket } = await serve();
    expect(await ask<StatusJson>({ socket, method: "GET", path: "/v1/status" })).toEqual(STATUS);
    const body = { session: null, to: "zwölf", dryRun: true };
    expect(await ask({ socket, method: "POST", path: "/v1/switchover", body })).toEqual(DONE);
    expect(handlers.asked).toEqual(["status", body]);
  });

  it("is told the daemon's own error with its code and hint", async () => {
    const { socket } = await serve();
    await expect(ask({ socket, method: "GET", path: "/v1/nothing" })).rejects.toMatchObject({
      code: "CF_DAEMON_ERROR",
      message: "There is no /v1/nothing.",
      hint: "See docs/api.md.",
      details: { code: "CF_API_REQUEST" },
    });
    const body = { to: "x".repeat(70_000) };
    const tooLong = ask({ socket, method: "POST", path: "/v1/switchover", body });
    await expect(tooLong).rejects.toMatchObject({ details: { code: "CF_API_REQUEST" } });
  });

  it("says that no daemon runs when there is no socket, or nobody behind it", async () => {
    const { socket, server } = await serve();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    for (const path of [socket, join(tempDir(), "none.sock")]) {
      await expect(ask({ socket: path, method: "GET", path: "/v1/status" })).rejects.toMatchObject({
        code: "CF_DAEMON_DOWN",
        exitStatus: 1,
        details: { socket: path },
      });
    }
  });

  it.each<readonly [string, (connection: Socket) => void, string]>([
    ["hangs up without a word", (connection) => connection.destroy(), "CF_DAEMON_DOWN"],
    [
      "answers with half of its JSON",
      (connection) => connection.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"schema":'),
      "CF_DAEMON_BUSY",
    ],
    [
      "dies in the middle of its answer",
      (connection) =>
        connection.write("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", () =>
          connection.destroy(),
        ),
      "CF_DAEMON_DOWN",
    ],
    [
      "reports an error that is none of its own",
      (connection) => connection.end("HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n{}"),
      "CF_DAEMON_BUSY",
    ],
  ])("understands a daemon that %s", async (_what, behave, code) => {
    const socket = join(tempDir(), "api.sock");
    const server = createSocketServer((connection) => {
      connection.on("error", () => undefined);
      connection.once("data", () => behave(connection));
    });
    server.listen(socket);
    await once(server, "listening");
    onTestFinished(() => void server.close());
    await expect(ask({ socket, method: "GET", path: "/v1/status" })).rejects.toMatchObject({
      code,
    });
  });

  it("waits for an answer no longer than it is told to, and asks nothing once it is stopped", async () => {
    const { handlers, socket } = await serve(new SilentHandlers());
    const body = { session: null, to: null, dryRun: false };
    const asked = ask({ socket, method: "POST", path: "/v1/switchover", body, timeoutMs: 50 });
    await expect(asked).rejects.toMatchObject({ code: "CF_DAEMON_BUSY" });
    const signal = AbortSignal.abort(new Error("enough"));
    const stopped = ask({ socket, method: "GET", path: "/v1/status", signal, timeoutMs: 50 });
    await expect(stopped).rejects.toThrow("enough");
    expect(handlers.asked).toEqual([body]);
  });
});

describe("a follower of the daemon", () => {
  it("gets what was and what happens, until it has enough", async () => {
    const { handlers, socket } = await serve();
    handlers.happen(3);
    const seen: number[] = [];
    for await (const { seq } of follow<EventJson>({
      socket,
      path: "/v1/events?follow=1&since=1",
    })) {
      seen.push(seq);
      if (seq === 3) handlers.happen(2);
      if (seq === 5) break;
    }
    expect(seen).toEqual([2, 3, 4, 5]);
    await expect.poll(() => handlers.listeners).toBe(0);
  });

  it("gets events whole, whatever pieces they come in", async () => {
    const event = JSON.stringify({ seq: 1, data: "ä€\u{1f600}" });
    const bytes = Buffer.from(`${event}\n${event}\n`);
    const server = createServer((_request, response) => {
      const rest = [...bytes];
      const writeNext = (): void => {
        const byte = rest.shift();
        if (byte === undefined) response.end();
        else response.write(Buffer.from([byte]), () => setTimeout(writeNext, 1));
      };
      writeNext();
    });
    const socket = join(tempDir(), "api.sock");
    closeAtEnd(server).listen(socket);
    await once(server, "listening");
    const seen: unknown[] = [];
    const all = async (): Promise<void> => {
      for await (const each of follow({ socket, path: "/v1/events?follow=1" })) seen.push(each);
    };
    await expect(all()).rejects.toMatchObject({ code: "CF_DAEMON_DOWN" });
    expect(seen).toEqual([JSON.parse(event), JSON.parse(event)]);
  });

  it("ends when the daemon does, and can be stopped", async () => {
    const { handlers, socket, server } = await serve();
    handlers.happen();
    const stop = new AbortController();
    const path = "/v1/events?follow=1";
    const stopped = follow<EventJson>({ socket, path, signal: stop.signal });
    expect((await stopped.next()).value).toMatchObject({ seq: 1 });
    stop.abort(new Error("enough"));
    await expect(stopped.next()).rejects.toThrow("enough");
    const ended = follow<EventJson>({ socket, path });
    expect((await ended.next()).value).toMatchObject({ seq: 1 });
    server.closeAllConnections();
    await expect(ended.next()).rejects.toMatchObject({ code: "CF_DAEMON_DOWN" });
  });

  it("is told the daemon's error instead of events", async () => {
    const { socket } = await serve();
    const wrong = follow({ socket, path: "/v1/events?follow=1&since=x" });
    await expect(wrong.next()).rejects.toMatchObject({ code: "CF_DAEMON_ERROR" });
  });
});
