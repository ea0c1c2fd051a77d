import { performance } from "node:perf_hooks";
import { expect, it, onTestFinished } from "vitest";
import { startMessagesApi } from "../../../src/drill/messages-api.ts";
import type { MessagesApi } from "../../../src/drill/messages-api.ts";
import { madeUpToken } from "../../../src/drill/messages-api-request.ts";

async function startApi(): Promise<MessagesApi> {
  const api = await startMessagesApi();
  onTestFinished(() => api.close());
  return api;
}

async function ask(options: {
  api: MessagesApi;
  account?: string;
  prompt?: string;
  messages?: unknown[];
  stream?: boolean;
  path?: string;
}): Promise<Response> {
  const messages = options.messages ?? [{ role: "user", content: options.prompt ?? "hello" }];
  return await fetch(options.api.url + (options.path ?? "/v1/messages?beta=true"), {
    method: "POST",
    headers: { authorization: `Bearer ${madeUpToken({ account: options.account ?? "a" })}` },
    body: JSON.stringify({ model: "m", stream: options.stream ?? true, tools: [{}], messages }),
  });
}

it("streams an answer and records who asked what, and when", async () => {
  const api = await startApi();
  const before = performance.now();
  const text = await (await ask({ api, account: "one", prompt: "hi" })).text();
  expect(text).toContain("event: message_start");
  expect(text).toContain("Answer 1 for one.");
  expect(text.trimEnd().split("\n").at(-1)).toContain("message_stop");
  expect(api.requests).toHaveLength(1);
  expect(api.requests[0]).toMatchObject({ account: "one", promptText: "hi", behaviour: "answer" });
  expect(api.requests[0]?.at.monotonicMs).toBeGreaterThanOrEqual(before);
  expect(JSON.stringify(api.requests)).not.toContain("sk-ant");
});

it("answers as one JSON message when no stream is asked for", async () => {
  const api = await startApi();
  api.setBehaviour("*", { kind: "answer", text: (request) => `you said ${request.promptText}` });
  const body = await (await ask({ api, stream: false, prompt: "so" })).json();
  expect(body).toMatchObject({ stop_reason: "end_turn", content: [{ text: "you said so" }] });
});

it("behaves per account, from the next request on", async () => {
  const api = await startApi();
  api.setBehaviour("a", { kind: "limit", type: "five_hour", resetsAt: 1795182243 });
  expect((await ask({ api, account: "a" })).status).toBe(429);
  expect((await ask({ api, account: "b" })).status).toBe(200);
  api.setBehaviour("a", { kind: "answer" });
  expect((await ask({ api, account: "a" })).status).toBe(200);
});

it("lets a function choose the behaviour of each request", async () => {
  const api = await startApi();
  api.setBehaviour("*", (request) =>
    request.promptText === "bad" ? { kind: "overload" } : { kind: "answer" },
  );
  expect((await ask({ api, prompt: "bad" })).status).toBe(529);
  expect((await ask({ api, prompt: "good" })).status).toBe(200);
});

it("calls a tool once per prompt and answers its result with text", async () => {
  const api = await startApi();
  api.setBehaviour("*", { kind: "answer", tool: { name: "Bash", input: { command: "true" } } });
  const first = await (await ask({ api })).text();
  expect(first).toContain('"tool_use"');
  expect(first).toContain(String.raw`{\"command\":\"true\"}`);
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "t" }] };
  expect(await (await ask({ api, messages: [result] })).text()).not.toContain('"tool_use"');
});

it("waits before the first byte when slow, and never answers when hanging", async () => {
  const api = await startApi();
  api.setBehaviour("*", { kind: "slow", ms: 30, next: { kind: "busy" } });
  expect((await ask({ api })).status).toBe(429);
  api.setBehaviour("*", { kind: "hang" });
  const pending = ask({ api }).catch((thrown: unknown) => thrown);
  await expect.poll(() => api.requests.length).toBe(2);
  await api.close();
  expect(await pending).toBeInstanceOf(Error);
});

it("counts tokens and knows no other path", async () => {
  const api = await startApi();
  const counted = await ask({ api, path: "/v1/messages/count_tokens" });
  expect(await counted.json()).toEqual({ input_tokens: 10 });
  expect((await ask({ api, path: "/api/oauth/usage" })).status).toBe(404);
  expect(api.requests.map((request) => request.path)).toEqual([
    "/v1/messages/count_tokens",
    "/api/oauth/usage",
  ]);
});

it("tells listeners of a request until they leave", async () => {
  const api = await startApi();
  const seen: string[] = [];
  const leave = api.onRequest((request) => seen.push(request.promptText));
  await ask({ api, prompt: "one" });
  leave();
  await ask({ api, prompt: "two" });
  expect(seen).toEqual(["one"]);
});
