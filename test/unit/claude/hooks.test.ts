import { describe, expect, it } from "vitest";
import { parseHook } from "../../../src/claude/hooks.ts";

const AT = Date.parse("2026-11-20T10:44:03Z");
const base = {
  session_id: "s-1",
  transcript_path: "/home/op/.claude/projects/-home-op-proj/s-1.jsonl",
  cwd: "/home/op/proj",
  prompt_id: "p-1",
};
const parsedBase = {
  sessionId: "s-1",
  transcriptPath: base.transcript_path,
  cwd: base.cwd,
  promptId: "p-1",
  agentId: null,
  permissionMode: null,
};

function signal(fields: object) {
  return parseHook({ ...base, ...fields }, AT, "UTC");
}

describe("a hook payload", () => {
  it("of SessionStart carries the source and the model, and no prompt", () => {
    const { prompt_id: _none, ...start } = base;
    const fields = { hook_event_name: "SessionStart", source: "resume", model: "claude-opus-5-5" };
    expect(parseHook({ ...start, ...fields }, AT)).toEqual({
      ...parsedBase,
      promptId: null,
      kind: "sessionStarted",
      source: "resume",
      model: "claude-opus-5-5",
    });
  });

  it("of UserPromptSubmit carries the prompt, its id, and who wrote it", () => {
    const fields = { hook_event_name: "UserPromptSubmit", prompt: "go on", source: "user" };
    const expected = { kind: "promptSubmitted", prompt: "go on", source: "user" };
    expect(signal(fields)).toEqual({ ...parsedBase, ...expected });
    const inMode = signal({ ...fields, permission_mode: "plan" });
    expect(inMode).toEqual({ ...parsedBase, ...expected, permissionMode: "plan" });
  });

  it("of Stop counts what will wake the session again", () => {
    const lists = {
      background_tasks: [
        { id: "b1" },
        { id: "b2", description: "dev server", command: "npm start" },
      ],
      session_crons: [{}],
    };
    const fields = { hook_event_name: "Stop", last_assistant_message: "done", ...lists };
    expect(signal(fields)).toEqual({
      ...parsedBase,
      kind: "turnEnded",
      lastMessage: "done",
      backgroundTasks: 2,
      background: ["b1", "dev server"],
      sessionCrons: 1,
    });
    expect(signal({ hook_event_name: "Stop" })).toMatchObject({
      lastMessage: null,
      backgroundTasks: 0,
      sessionCrons: 0,
    });
  });

  it("of StopFailure carries the client's error and what it means", () => {
    const text = "You've hit your weekly limit · resets Nov 25, 1:24am (UTC)";
    const fields = { error: "rate_limit", last_assistant_message: text, agent_id: "a-1" };
    expect(signal({ hook_event_name: "StopFailure", ...fields })).toEqual({
      ...parsedBase,
      agentId: "a-1",
      kind: "turnRefused",
      error: "rate_limit",
      lastMessage: text,
      refusal: {
        class: "usageLimit",
        window: "weekly",
        resetsAt: Date.parse("2026-11-25T01:24:00Z"),
        pattern: "hook:rate_limit+text",
        text,
      },
    });
  });

  it("of StopFailure without an error or a message is unknown, not harmless", () => {
    expect(signal({ hook_event_name: "StopFailure" })).toMatchObject({
      kind: "turnRefused",
      error: "unknown",
      refusal: { class: "unknown" },
    });
    expect(signal({ hook_event_name: "StopFailure", error: "rate_limit" })).toMatchObject({
      refusal: { class: "unknown", pattern: "hook:rate_limit" },
    });
  });

  it("of Notification carries its type and its message", () => {
    const fields = { notification_type: "idle_prompt", message: "Claude is waiting" };
    expect(signal({ hook_event_name: "Notification", ...fields })).toEqual({
      ...parsedBase,
      kind: "notified",
      notificationType: "idle_prompt",
      message: "Claude is waiting",
    });
  });

  it("of SessionEnd carries the reason", () => {
    expect(signal({ hook_event_name: "SessionEnd", reason: "logout" })).toEqual({
      ...parsedBase,
      kind: "sessionEnded",
      reason: "logout",
    });
  });

  it.each([
    ["an event of another kind", { ...base, hook_event_name: "PreToolUse" }],
    ["no event", base],
    ["no session", { hook_event_name: "Stop" }],
    ["an empty object", {}],
    ["a list", [base]],
    ["a string", "Stop"],
    ["null", null],
    ["nothing", undefined],
  ])("that is %s is none", (_what, payload) => {
    expect(parseHook(payload, AT)).toBeNull();
  });
});
