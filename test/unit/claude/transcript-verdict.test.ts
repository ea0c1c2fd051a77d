import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { latestVerdict } from "../../../src/claude/transcript-verdict.ts";
import { parseTranscriptRow, type TranscriptRow } from "../../../src/claude/transcript.ts";
import type { RefusalClass } from "../../../src/policy/model.ts";

const captured = readFileSync(
  new URL("../../fixtures/transcript-limit-and-continue.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .flatMap((line) => parseTranscriptRow(line) ?? []);

/** Rows one second apart, each the child of the one before; `r2` is the second of them. */
function chain(...parts: ReadonlyArray<(base: Base) => TranscriptRow>): TranscriptRow[] {
  return parts.map((part, index) =>
    part({
      sessionId: "s-1",
      at: (index + 1) * 1000,
      uuid: `r${index + 1}`,
      parentUuid: index === 0 ? null : `r${index}`,
    }),
  );
}
type Base = Pick<TranscriptRow, "sessionId" | "at" | "uuid" | "parentUuid">;

const prompt = (promptId: string) => (base: Base) =>
  ({ ...base, kind: "prompt", promptId, text: "go", cwd: null, isMeta: false }) as const;
const toolResult = (base: Base) => ({ ...base, kind: "toolResult", promptId: null }) as const;
const answer = (base: Base) =>
  ({ ...base, kind: "answer", model: "claude-opus-5-5", stopReason: "end_turn" }) as const;
const other = (base: Base) => ({ ...base, kind: "other" }) as const;
const request = (base: Base) => ({ ...base, kind: "request", model: null }) as const;
const refusal =
  (refusalClass: RefusalClass, fields: Partial<Base> = {}) =>
  (base: Base): TranscriptRow => ({
    ...base,
    ...fields,
    kind: "refusal",
    error: "rate_limit",
    refusal: { class: refusalClass, window: null, resetsAt: null, pattern: "row:test", text: "" },
  });
const limit = refusal("usageLimit");

describe("the verdict of a captured session", () => {
  it("is limited at the limit, charged to the time and the prompt of the request", () => {
    expect(latestVerdict(captured.slice(0, 7))).toMatchObject({
      state: "limited",
      refusal: { window: "fiveHour" },
      requestedAt: Date.parse("2026-11-20T10:44:03.419Z"),
      promptId: "95ee257f-fd48-4def-b9b1-51b054f255d8",
      at: Date.parse("2026-11-20T10:44:03.527Z"),
    });
  });

  it("stays limited while the next prompt is on its way, and is ok once it is answered", () => {
    expect(latestVerdict(captured.slice(0, 8)).state).toBe("limited");
    expect(latestVerdict(captured)).toEqual({
      state: "ok",
      refusal: null,
      requestedAt: null,
      promptId: null,
      at: Date.parse("2026-11-20T10:44:09.431Z"),
    });
  });
});

describe("a verdict", () => {
  it.each([
    ["unknown without rows", [], "unknown"],
    ["unknown when nothing was answered yet", [prompt("p")], "unknown"],
    ["ok after an answer", [prompt("p"), answer], "ok"],
    ["ok while the next prompt is on its way", [prompt("p"), answer, prompt("q")], "ok"],
    ["limited when a limit cuts a turn off", [prompt("p"), answer, toolResult, limit], "limited"],
    ["limited also after a fault", [prompt("p"), limit, refusal("overload")], "limited"],
    ["unknown when the last word is a fault", [answer, refusal("overload")], "unknown"],
    ["unknown when the last word is a dead login", [answer, refusal("auth")], "unknown"],
    ["ok when an answer follows both", [limit, refusal("auth"), answer], "ok"],
  ] as const)("is %s", (_what, parts, state) => {
    expect(latestVerdict(chain(...parts)).state).toBe(state);
  });

  it("names the fault it is unknown for", () => {
    const verdict = latestVerdict(chain(prompt("p"), answer, prompt("q"), refusal("billing")));
    expect(verdict).toMatchObject({
      refusal: { class: "billing" },
      requestedAt: 3000,
      promptId: "q",
    });
  });

  it("is not ended by an answer of another session in the same file", () => {
    const rows = chain(prompt("p"), limit, answer, other);
    const copied = rows.map((row) => (row.kind === "answer" ? { ...row, sessionId: "s-0" } : row));
    expect(latestVerdict(copied).state).toBe("limited");
  });
});

describe("the request behind a refusal", () => {
  it("was made after the row before it on its chain, also when that is no prompt", () => {
    const rows = chain(prompt("p"), answer, toolResult, other, limit);
    expect(latestVerdict(rows)).toMatchObject({ requestedAt: 4000, promptId: "p" });
  });

  it("follows the chain, not the order of the file", () => {
    const rows = chain(
      prompt("p"),
      prompt("q"),
      other,
      refusal("usageLimit", { parentUuid: "r1" }),
    );
    expect(latestVerdict(rows)).toMatchObject({ requestedAt: 1000, promptId: "p" });
  });

  it("was made when the client says so, if that is later: a retry belongs to its own time", () => {
    const rows = chain(prompt("p"), request, request, refusal("usageLimit", { parentUuid: "r1" }));
    expect(latestVerdict(rows)).toMatchObject({ requestedAt: 3000, promptId: "p" });
  });

  it("is not an older request's", () => {
    const rows = chain(request, prompt("p"), limit);
    expect(latestVerdict(rows)).toMatchObject({ requestedAt: 2000 });
  });

  it("is not guessed where the rows do not hold it", () => {
    const rows = chain(other, refusal("usageLimit", { parentUuid: "gone" }));
    expect(latestVerdict(rows)).toMatchObject({
      state: "limited",
      requestedAt: null,
      promptId: null,
    });
  });

  it("is found on a chain that bites its tail", () => {
    const rows = chain(other, other, limit);
    const looped = rows.map((row) => (row.uuid === "r1" ? { ...row, parentUuid: "r2" } : row));
    expect(latestVerdict(looped)).toMatchObject({ requestedAt: 2000, promptId: null });
  });
});
