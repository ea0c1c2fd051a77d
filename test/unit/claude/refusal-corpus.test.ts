import { describe, expect, it } from "vitest";
import { parseHook } from "../../../src/claude/hooks.ts";
import { suspectOnScreen } from "../../../src/claude/limit-screen.ts";
import { limitTextKind } from "../../../src/claude/limit-text.ts";
import { classifyRefusal } from "../../../src/claude/refusal.ts";
import { parseTranscriptRow } from "../../../src/claude/transcript.ts";
import type { Refusal } from "../../../src/policy/model.ts";
import { refusalCorpus, type RefusalCase } from "../../support/refusal-corpus.ts";

const corpus = refusalCorpus();
const all = [...corpus.values()].flat();

describe.each([...corpus])("the corpus %s", (_file, cases) => {
  it.each(cases.map((each) => [each.id, each] as const))("reads %s as expected", (_id, each) => {
    const refusal = refusalOf(each);
    // A suspicion, which the row of the same case does not confirm.
    if (each.expected.ambiguous === true) {
      const row = all.find(({ id }) => id === each.id.replace(/[^/]+$/, "row"));
      expect([refusal?.pattern, row?.expected.class]).toEqual(["pane:text", null]);
      return;
    }
    expect({
      class: refusal?.class ?? null,
      window: refusal?.window ?? null,
      resetsAt: refusal?.resetsAt ?? null,
    }).toEqual({
      class: each.expected.class,
      window: each.expected.window,
      resetsAt: each.expected.resetsAt === null ? null : Date.parse(each.expected.resetsAt),
    });
    if (each.expected.textKind !== undefined)
      expect(limitTextKind(String(each.input))).toBe(each.expected.textKind);
  });
});

describe("the corpus as a whole", () => {
  it("has at least 150 cases, each with an id of its own", () => {
    expect(all.length).toBeGreaterThanOrEqual(150);
    expect(new Set(all.map((each) => each.id)).size).toBe(all.length);
  });

  it("finds every usage limit and nothing else", () => {
    const clear = all.filter(({ expected }) => expected.ambiguous !== true);
    const isFound = (each: RefusalCase) => refusalOf(each)?.class === "usageLimit";
    const isLimit = (each: RefusalCase) => each.expected.class === "usageLimit";
    const hits = clear.filter((each) => isFound(each) && isLimit(each)).length;
    const precision = hits / clear.filter(isFound).length;
    const recall = hits / clear.filter(isLimit).length;
    const figures = `precision ${precision}, recall ${recall}`;
    const besides = `${all.length - clear.length} screens that only their row can tell`;
    console.info(`${clear.length} cases, ${hits} limits: ${figures}; besides ${besides}`);
    expect({ precision, recall }).toEqual({ precision: 1, recall: 1 });
  });
});

function refusalOf(each: RefusalCase): Refusal | null {
  const at = Date.parse(each.at);
  switch (each.channel) {
    case "row": {
      const row = parseTranscriptRow(JSON.stringify(each.input), "UTC");
      return row?.kind === "refusal" ? row.refusal : null;
    }
    case "hook": {
      const signal = parseHook(each.input, at, "UTC");
      return signal?.kind === "turnRefused" ? signal.refusal : null;
    }
    case "screen":
      return suspectOnScreen(each.input as string[], at, "UTC");
    case "pane":
      return classifyRefusal({ channel: "pane", error: null, text: String(each.input), at });
  }
}
