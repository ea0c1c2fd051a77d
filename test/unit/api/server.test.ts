import { describe, expect, it } from "vitest";
import type { EventJson } from "../../../src/api/contract.ts";
import { apiApp } from "../../../src/api/server.ts";
import { FailoverError } from "../../../src/errors.ts";
import { DONE, FakeHandlers, STATUS } from "../../support/fake-handlers.ts";

type Method = "GET" | "POST";

async function ask(handlers: FakeHandlers, method: Method, path: string, body?: string) {
  const init = body === undefined ? { method } : { method, body };
  const response = await apiApp(handlers.areas).request(path, init);
  return { status: response.status, json: await response.json() };
}

describe("each route asks its handler", () => {
  it.each<readonly [Method, string, string | undefined, unknown]>([
    ["GET", "/v1/status", undefined, "status"],
    ["GET", "/v1/history", undefined, { id: null, limit: 20 }],
    ["GET", "/v1/history?limit=5", undefined, { id: null, limit: 5 }],
    ["GET", "/v1/history?id=12", undefined, { id: 12, limit: 20 }],
    ["GET", "/v1/events", undefined, { since: 0, limit: 1000 }],
    ["GET", "/v1/events?since=7&limit=2", undefined, { since: 7, limit: 2 }],
    ["POST", "/v1/switchover", undefined, { session: null, to: null, dryRun: false }],
    ["POST", "/v1/switchover", "{}", { session: null, to: null, dryRun: false }],
    ["POST", "/v1/switchover", '{"to":"two"}', { session: null, to: "two", dryRun: false }],
    [
      "POST",
      "/v1/switchover",
      '{"to":"two","dryRun":true}',
      { session: null, to: "two", dryRun: true },
    ],
    ["POST", "/v1/pause", undefined, "pause"],
    ["POST", "/v1/resume", undefined, "resume"],
    ["POST", "/v1/recover", undefined, { dryRun: false }],
    ["POST", "/v1/recover", '{"dryRun":true}', { dryRun: true }],
  ])("%s %s %s", async (method, path, body, asked) => {
    const handlers = new FakeHandlers();
    const { status } = await ask(handlers, method, path, body);
    expect(status).toBe(200);
    expect(handlers.asked).toEqual([asked]);
  });

  it("and answers with its JSON", async () => {
    const handlers = new FakeHandlers();
    expect((await ask(handlers, "GET", "/v1/status")).json).toEqual(STATUS);
    expect((await ask(handlers, "POST", "/v1/pause")).json).toEqual(DONE);
  });
});

describe("a request that cannot be answered", () => {
  it.each<readonly [string, Method, string, string | undefined, number]>([
    ["half a body", "POST", "/v1/switchover", '{"to":', 400],
    ["a body that is text", "POST", "/v1/switchover", '"two"', 400],
    ["a body that is null", "POST", "/v1/recover", "null", 400],
    ["a body that is a list", "POST", "/v1/switchover", '["two"]', 400],
    ["an account that is no name", "POST", "/v1/switchover", '{"to":2}', 400],
    ["a body without end", "POST", "/v1/switchover", `{"to":"${"x".repeat(70_000)}"}`, 413],
    ["a number that is none", "GET", "/v1/events?since=x", undefined, 400],
    ["a negative number", "GET", "/v1/history?limit=-1", undefined, 400],
    ["a number beyond all bounds", "GET", "/v1/history?id=1234567890123", undefined, 400],
    ["an empty number", "GET", "/v1/history?id=", undefined, 400],
    ["a dry run that is none", "POST", "/v1/switchover", '{"dryRun":"yes"}', 400],
    ["an unknown path", "GET", "/v1/nothing", undefined, 404],
    ["no path", "GET", "/", undefined, 404],
    ["the wrong method", "POST", "/v1/status", undefined, 404],
    ["a change by GET", "GET", "/v1/switchover", undefined, 404],
  ])("%s is told so and asks no handler", async (_what, method, path, body, status) => {
    const handlers = new FakeHandlers();
    const answer = await ask(handlers, method, path, body);
    expect(answer).toMatchObject({ status, json: { error: { code: "CF_API_REQUEST" } } });
    expect(handlers.asked).toEqual([]);
  });

  it("because of a fault says which, and what to do", async () => {
    const handlers = new FakeHandlers();
    handlers.status = () => {
      throw new FailoverError("CF_STORE_FULL", "The disk is full.");
    };
    expect(await ask(handlers, "GET", "/v1/status")).toEqual({
      status: 500,
      json: {
        error: {
          code: "CF_STORE_FULL",
          message: "The disk is full.",
          hint: "Free some disk space.",
        },
      },
    });
  });

  it("because of a defect is CF_INTERNAL", async () => {
    const handlers = new FakeHandlers();
    handlers.recover = async () => Promise.reject(new TypeError("x is undefined"));
    expect(await ask(handlers, "POST", "/v1/recover")).toMatchObject({
      status: 500,
      json: { error: { code: "CF_INTERNAL", message: "x is undefined" } },
    });
  });
});

/** The events that a follower was sent, as they come. */
async function follow(handlers: FakeHandlers, since: number) {
  const stop = new AbortController();
  const request = new Request(`http://daemon/v1/events?follow=1&since=${since}`, {
    signal: stop.signal,
  });
  const response = await apiApp(handlers.areas).request(request);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const waiting: EventJson[] = [];
  return {
    /** The sequence numbers of the next `count` events. */
    next: async (count: number): Promise<number[]> => {
      while (waiting.length < count) {
        const { value = "", done = true } = (await reader?.read()) ?? {};
        if (done) throw new Error(`it ended after ${waiting.length} events`);
        const lines = (rest + value).split("\n");
        rest = lines.pop() ?? "";
        waiting.push(...lines.map((line) => JSON.parse(line) as EventJson));
      }
      return waiting.splice(0, count).map(({ seq }) => seq);
    },
    end: async () => reader?.cancel(),
  };
}

const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("following the events", () => {
  it("gives those after `since`, then each as it happens", async () => {
    const handlers = new FakeHandlers();
    handlers.happen(5);
    const follower = await follow(handlers, 3);
    expect(await follower.next(2)).toEqual([4, 5]);
    handlers.happen(2);
    expect(await follower.next(2)).toEqual([6, 7]);
    handlers.happen();
    expect(await follower.next(1)).toEqual([8]);
    await follower.end();
  });

  it("leaves no gap and repeats nothing when events happen while the log is read", async () => {
    const handlers = new FakeHandlers();
    handlers.happen(3);
    let reads = 0;
    handlers.beforeEvents = () => {
      reads += 1;
      if (reads <= 2) handlers.happen(2);
    };
    const follower = await follow(handlers, 0);
    expect(await follower.next(5)).toEqual(upTo(1, 5));
    handlers.happen(1);
    const more = handlers.log.length - 5;
    expect(await follower.next(more)).toEqual(upTo(6, 5 + more));
    await follower.end();
  });

  it("leaves no gap behind a log that is longer than one look at it", async () => {
    const handlers = new FakeHandlers();
    handlers.happen(2_500);
    const follower = await follow(handlers, 0);
    expect(await follower.next(2_500)).toEqual(upTo(1, 2_500));
    handlers.happen();
    expect(await follower.next(1)).toEqual([2_501]);
    await follower.end();
  });

  it("stops listening when the follower goes away", async () => {
    const handlers = new FakeHandlers();
    const follower = await follow(handlers, 0);
    handlers.happen();
    await follower.next(1);
    expect(handlers.listeners).toBe(1);
    await follower.end();
    await expect.poll(() => handlers.listeners).toBe(0);
  });
});

describe("server-sent events", () => {
  const first = async (handlers: FakeHandlers, headers: Record<string, string>, query = "") => {
    const response = await apiApp(handlers.areas).request(`/v1/events${query}`, {
      headers: { accept: "text/event-stream", ...headers },
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    return { type: response.headers.get("content-type"), value };
  };
  const event = (seq: number) =>
    `event: test\ndata: {"seq":${seq},"type":"test","at":"2026-11-20T12:00:00.000Z","data":{"seq":${seq}}}\nid: ${seq}\n\n`;

  it("carry their number, kind and JSON", async () => {
    const handlers = new FakeHandlers();
    handlers.happen(1);
    expect(await first(handlers, {})).toEqual({ type: "text/event-stream", value: event(1) });
  });

  it("go on after the last one that was seen, whatever the address says", async () => {
    const handlers = new FakeHandlers();
    handlers.happen(3);
    expect((await first(handlers, {}, "?since=1")).value).toBe(event(2));
    expect((await first(handlers, { "last-event-id": "2" }, "?since=1")).value).toBe(event(3));
  });

  it("refuse a number that is none", async () => {
    const response = await apiApp(new FakeHandlers().areas).request("/v1/events", {
      headers: { accept: "text/event-stream", "last-event-id": "x" },
    });
    expect(response.status).toBe(400);
  });
});
