import { describe, expect, it } from "vitest";
import { accountOf, madeUpToken, parseBody } from "../../../src/drill/messages-api-request.ts";

const SESSION = "00000000-0000-4000-8000-000000000001";

describe("accountOf", () => {
  it.each([
    ["a made-up bearer token", { authorization: `Bearer ${madeUpToken({ account: "a" })}` }, "a"],
    [
      "an account name with hyphens",
      { authorization: `Bearer ${madeUpToken({ account: "my-2nd-one", serial: "0007" })}` },
      "my-2nd-one",
    ],
    ["an API key", { "x-api-key": "sk-ant-api03-keyed-x" }, "keyed"],
    ["no token", {}, null],
    ["a token of another shape", { authorization: "Bearer abc" }, null],
  ])("reads %s", (_title, headers, account) => {
    expect(accountOf(headers)).toBe(account);
  });
});

describe("parseBody", () => {
  const reminder = { type: "text", text: "<system-reminder>be brief</system-reminder>" };

  it("takes the last user text and leaves the client's reminders out", () => {
    const body = {
      model: "m",
      stream: true,
      tools: [{}],
      messages: [
        { role: "user", content: [reminder, { type: "text", text: "one" }] },
        { role: "assistant", content: "answer" },
        { role: "user", content: [{ type: "text", text: "two" }, reminder] },
      ],
    };
    expect(parseBody(JSON.stringify(body), {})).toEqual({
      model: "m",
      promptText: "two",
      sessionId: null,
      isTurn: true,
      hasToolResult: false,
      messageCount: 3,
      stream: true,
    });
  });

  it("keeps the prompt of a turn whose last message is a tool result", () => {
    const body = {
      messages: [
        { role: "user", content: "run it" },
        { role: "assistant", content: [{ type: "tool_use", id: "t", name: "Bash", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "ok" }] },
      ],
    };
    expect(parseBody(JSON.stringify(body), {})).toMatchObject({
      promptText: "run it",
      hasToolResult: true,
      isTurn: false,
    });
  });

  it.each([
    ["the header", { "x-claude-code-session-id": SESSION }, undefined],
    ["a JSON user id", {}, JSON.stringify({ device_id: "d", session_id: SESSION })],
    ["a plain user id", {}, `user_abc_account__session_${SESSION}`],
  ])("finds the session in %s", (_title, headers, user_id) => {
    expect(parseBody(JSON.stringify({ metadata: { user_id } }), headers).sessionId).toBe(SESSION);
  });

  it("reads a body that is no JSON as empty", () => {
    expect(parseBody("<html>", {})).toMatchObject({ model: null, promptText: "", messageCount: 0 });
  });
});
