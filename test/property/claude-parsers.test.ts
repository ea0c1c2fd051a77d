import fc from "fast-check";
import { expect, it } from "vitest";
import { parseHook } from "../../src/claude/hooks.ts";
import { limitTextKind } from "../../src/claude/limit-text.ts";
import { classifyRefusal } from "../../src/claude/refusal.ts";
import { parseSessionFile } from "../../src/claude/session-files.ts";
import { parseStatusLine } from "../../src/claude/statusline.ts";
import { parseTranscriptRow } from "../../src/claude/transcript.ts";
import { refusalCorpus } from "../support/refusal-corpus.ts";

const AT = Date.parse("2026-11-20T10:44:03Z");
const inputs = [...refusalCorpus().values()]
  .flat()
  .filter((each) => each.channel !== "pane")
  .map((each) => each.input as Record<string, unknown>);

/** What the client really writes, with fields of any depth turned into anything. */
const mangled = fc
  .tuple(
    fc.constantFrom(...inputs),
    fc.array(fc.tuple(fc.nat(30), fc.jsonValue()), { maxLength: 4 }),
  )
  .map(([input, changes]) => {
    const copy = structuredClone(input);
    for (const [at, value] of changes) {
      const holders = [copy, copy["message"], copy["quotaLimits"]].filter(
        (each) => typeof each === "object" && each !== null,
      ) as Array<Record<string, unknown>>;
      const holder = holders[at % holders.length] ?? copy;
      const name = Object.keys(holder)[at % Math.max(1, Object.keys(holder).length)];
      if (name !== undefined) holder[name] = value;
    }
    return copy;
  });

it("never throws on what is not what it should be", () => {
  fc.assert(
    fc.property(fc.oneof(mangled, fc.jsonValue(), fc.anything()), (value) => {
      parseHook(value, AT, "UTC");
      parseStatusLine(value);
      const line =
        JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? 0 : each)) ?? "";
      parseSessionFile(line);
      parseTranscriptRow(line, "UTC");
      parseTranscriptRow(line.slice(1), "UTC");
    }),
    { numRuns: 2000 },
  );
});

it("calls nothing a usage limit whose error is not rate_limit, but one of a compaction", () => {
  const error = fc.constantFrom(
    null,
    "overloaded",
    "server_error",
    "unknown",
    "invalid_request",
    "billing_error",
    "x",
  );
  const limit = "You've hit your limit · resets 3am (UTC)";
  const compaction = `Prompt is too long · automatic compaction failed: ${limit}`;
  const text = fc.oneof(fc.string(), fc.constantFrom(limit, compaction));
  fc.assert(
    fc.property(error, text, fc.option(fc.integer()), (kind, said, apiErrorStatus) => {
      const quotaLimits = { status: "rejected", rateLimitType: "five_hour" };
      const refusal = classifyRefusal({
        channel: "row",
        error: kind,
        text: said,
        apiErrorStatus,
        quotaLimits,
        at: AT,
      });
      const isOne = kind === "invalid_request" && said === compaction;
      expect(refusal.class === "usageLimit").toBe(isOne);
      expect(refusal.window !== null).toBe(isOne);
    }),
  );
});

it("finds no limit in text that only holds one", () => {
  const before = fc.string({ minLength: 1 }).filter((text) => text.trim() !== "");
  const limit = fc.constantFrom(
    "You've hit your limit",
    "You’re out of usage credits",
    "Fable 5 requires usage credits.",
  );
  fc.assert(
    fc.property(before, limit, (words, said) => {
      expect(limitTextKind(`${words} ${said}`)).not.toBe("limit");
    }),
  );
});
