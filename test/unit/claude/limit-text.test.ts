import { describe, expect, it } from "vitest";
import {
  limitTextKind,
  windowOfRateLimitType,
  windowOfText,
} from "../../../src/claude/limit-text.ts";
import {
  ORG_POLICY_LIMIT_PREFIXES,
  USAGE_LIMIT_ERROR_PREFIXES,
  USAGE_TRANSITION_PREFIXES,
  USAGE_WARNING_PREFIXES,
} from "../../../src/claude/limit-vocabulary.ts";

const lists = [
  ["limit", USAGE_LIMIT_ERROR_PREFIXES],
  ["warning", USAGE_WARNING_PREFIXES],
  ["transition", USAGE_TRANSITION_PREFIXES],
  ["orgPolicy", ORG_POLICY_LIMIT_PREFIXES],
] as const;

describe("what a text says", () => {
  it.each(lists.flatMap(([kind, words]) => words.map((each) => [kind, each] as const)))(
    "is a %s where it begins with the vendor's %j, with either apostrophe, and nowhere else",
    (kind, words) => {
      expect(limitTextKind(`${words} and more`)).toBe(kind);
      expect(limitTextKind(words.replaceAll("'", "’"))).toBe(kind);
      expect(limitTextKind(`It says: ${words}`)).toBeNull();
    },
  );
});

describe("the window of a text", () => {
  it.each([
    ["You've hit your 5-hour limit · resets 3am", "fiveHour"],
    ["You’ve hit your session limit", "fiveHour"],
    ["You've hit your weekly limit", "weekly"],
    ["You've hit your Opus limit · resets 3am", "model:opus"],
    ["You've reached your Fable limit for this week", "model:fable"],
    ["You've hit your Saga limit", "model:saga"],
    ["You've hit your Opus 5.5 limit", "model:opus"],
    ["You've hit your limit · resets 3am", "unknown"],
    ["You've hit your usage limit", "unknown"],
    ["You've hit your fast limit", "unknown"],
    ["You've hit your org's monthly usage limit", "overage"],
    ["You've hit your individual spend limit", "overage"],
    ["You've hit your team's pooled group budget", "overage"],
    ["You've hit your monthly spend limit · your weekly limit resets 3am", "weekly"],
    ["You've hit your monthly spend limit. /model to switch models.", "model:fable"],
    ["Sonnet 5 requires usage credits. Switch to another model to continue.", "model:sonnet"],
    ["You're out of usage credits · resets 3am", "overage"],
    ["Your seat type doesn't include usage", "overage"],
    ["API Error: 529 Overloaded", "unknown"],
  ])("%j is %s", (text, window) => {
    expect(windowOfText(text)).toBe(window);
  });
});

describe("the window of a rate limit type", () => {
  it.each([
    ["five_hour", "You've hit your limit", "fiveHour"],
    ["seven_day", "", "weekly"],
    ["seven_day_opus", "", "model:opus"],
    ["seven_day_sonnet", "You've hit your Sonnet limit", "model:sonnet"],
    ["seven_day_sonnet", "You've hit your weekly limit", "weekly"],
    ["seven_day_overage_included", "", "model:fable"],
    ["seven_day_overage_included", "You've hit your Mythos limit", "model:mythos"],
    ["overage", "You've hit your limit", "overage"],
    ["seven_day_cowork", "You've hit your usage limit", null],
  ])("%s with %j is %s", (type, text, window) => {
    expect(windowOfRateLimitType(type, text)).toBe(window);
  });
});
