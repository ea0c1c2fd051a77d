import { describe, expect, it } from "vitest";
import type { HookSignal } from "../../../src/claude/hooks.ts";
import { afterSignal, type LiveSession } from "../../../src/sessions/live.ts";
import { limitRefusal } from "../../support/policy-samples.ts";

const AT = 1_000;
const base = {
  sessionId: "id-1",
  transcriptPath: "/projects/p/id-1.jsonl",
  cwd: "/home/op/p",
  agentId: null,
  promptId: "p-1",
  permissionMode: null,
};
const before: LiveSession = {
  state: "working",
  sessionId: "id-1",
  transcriptPath: "/projects/p/id-1.jsonl",
  lastPrompt: { promptId: "p-0", text: "before", at: 500 },
};
const refusal = limitRefusal();
const started = (sessionId: string): HookSignal => ({
  ...base,
  sessionId,
  transcriptPath: `/projects/p/${sessionId}.jsonl`,
  kind: "sessionStarted",
  source: "startup",
  model: null,
});

describe("a session after a signal", () => {
  it.each<readonly [string, HookSignal, Partial<LiveSession>]>([
    [
      "a prompt makes it work",
      { ...base, kind: "promptSubmitted", prompt: "go", source: "user" },
      { lastPrompt: { promptId: "p-1", text: "go", at: AT } },
    ],
    [
      "the end of its turn makes it idle",
      {
        ...base,
        kind: "turnEnded",
        lastMessage: null,
        backgroundTasks: 0,
        background: [],
        sessionCrons: 0,
      },
      { state: "idle" },
    ],
    [
      "a question makes it ask",
      { ...base, kind: "notified", notificationType: "permission_prompt", message: "may I?" },
      { state: "asking" },
    ],
    [
      "so does a form of a server's",
      { ...base, kind: "notified", notificationType: "elicitation_dialog", message: "which?" },
      { state: "asking" },
    ],
    [
      "another notification changes nothing",
      { ...base, kind: "notified", notificationType: "idle_prompt", message: "waiting" },
      {},
    ],
    [
      "a refusal changes nothing: whose it was is not known yet",
      { ...base, kind: "turnRefused", error: "rate_limit", lastMessage: null, refusal },
      {},
    ],
    [
      "its end changes nothing: the pane tells that",
      { ...base, kind: "sessionEnded", reason: "x" },
      {},
    ],
    ["a start with its id keeps the last prompt", started("id-1"), { state: "idle" }],
    [
      "a start with another id forgets the last prompt",
      started("id-2"),
      {
        state: "idle",
        sessionId: "id-2",
        transcriptPath: "/projects/p/id-2.jsonl",
        lastPrompt: null,
      },
    ],
  ])("%s", (_title, signal, changes) => {
    expect(afterSignal(before, signal, AT)).toEqual({ ...before, ...changes });
  });

  it.each([
    ["working", "working"],
    ["asking", "asking"],
    ["limited", "limited"],
    ["starting", "idle"],
    ["idle", "idle"],
  ] as const)("that is %s and compacts its conversation is %s", (state, after) => {
    const signal = { ...started("id-1"), source: "compact" } as HookSignal;
    expect(afterSignal({ ...before, state }, signal, AT)).toMatchObject({
      state: after,
      lastPrompt: before.lastPrompt,
    });
  });
});
