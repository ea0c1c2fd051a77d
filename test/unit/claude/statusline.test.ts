import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseStatusLine } from "../../../src/claude/statusline.ts";

const captured: unknown = JSON.parse(
  readFileSync(new URL("../../fixtures/statusline.json", import.meta.url), "utf8"),
);

describe("a status-line payload", () => {
  it("gives the session, the model and the used part of each window", () => {
    expect(parseStatusLine(captured)).toEqual({
      sessionId: "68442593-ef58-4e90-9334-53a66a97ee04",
      transcriptPath:
        "/home/op/.claude/projects/-home-op-proj/68442593-ef58-4e90-9334-53a66a97ee04.jsonl",
      promptId: "36bfa561-60cb-4ba1-b108-32ea751ade67",
      modelId: "claude-opus-5-5",
      clientVersion: "2.1.328",
      windows: [
        { window: "fiveHour", usedPercent: 42, resetsAt: 1795175272000 },
        { window: "weekly", usedPercent: 17, resetsAt: 1795571672000 },
      ],
    });
  });

  it("reads model windows and leaves out what it does not know or cannot read", () => {
    const rate_limits = {
      five_hour: { used_percentage: "42", resets_at: null },
      seven_day: null,
      seven_day_opus: { used_percentage: 12.5, resets_at: 1795571672 },
      seven_day_cowork: { used_percentage: 1, resets_at: 1 },
      model_scoped: [{ display_name: "Fable" }],
    };
    expect(parseStatusLine({ session_id: "s-1", rate_limits })?.windows).toEqual([
      { window: "fiveHour", usedPercent: null, resetsAt: null },
      { window: "model:opus", usedPercent: 12.5, resetsAt: 1795571672000 },
    ]);
  });

  it("has no windows before the first answer and on accounts that are no subscription", () => {
    expect(parseStatusLine({ session_id: "s-1" })?.windows).toEqual([]);
    expect(parseStatusLine({ session_id: "s-1", rate_limits: null })?.windows).toEqual([]);
  });

  it("is none without a session", () => {
    for (const payload of [{}, [], null, "x", { session_id: 3 }])
      expect(parseStatusLine(payload)).toBeNull();
  });
});
