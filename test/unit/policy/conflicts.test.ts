import { describe, expect, it } from "vitest";
import { conflictsOf, type Reading } from "../../../src/policy/conflicts.ts";
import type { Evidence, LimitWindow } from "../../../src/policy/model.ts";
import { evidenceOf, HOUR, limitRefusal, NOW } from "../../support/policy-samples.ts";

const RESET = NOW + 2 * HOUR;

function told(
  channel: Evidence["channel"],
  window: LimitWindow | null,
  resetsAt: number | null,
  more: Partial<Evidence> = {},
): Evidence {
  const id = `${channel}-${String(window)}-${String(more.observedAt)}`;
  const refusal = limitRefusal({ window, resetsAt });
  return { ...evidenceOf({ id, channel }), observedAt: NOW, promptId: "p-1", ...more, refusal };
}

const reading = (usedPercent: number, resetsAt: number | null, at = NOW + 10): Reading => ({
  window: "fiveHour",
  at,
  usedPercent,
  resetsAt,
});

describe("signals that differ", () => {
  it.each<readonly [string, readonly Evidence[], readonly Reading[], RegExp]>([
    [
      "row and hook name different windows",
      [told("hook", "fiveHour", RESET), told("row", "weekly", RESET)],
      [],
      /the hook says fiveHour, the row says weekly\.$/,
    ],
    [
      "row and hook tell different resets",
      [told("hook", "fiveHour", RESET), told("row", "fiveHour", RESET + HOUR)],
      [],
      /the hook says reset at .*, the row says at /,
    ],
    [
      "a limit stands and a later status line shows less than all used",
      [told("row", "fiveHour", RESET)],
      [reading(40, RESET)],
      /says that fiveHour is spent until .*, the status line of .* says 40 % used\.$/,
    ],
    [
      "the status line tells another reset",
      [told("row", "fiveHour", RESET)],
      [reading(100, RESET + HOUR)],
      /, the status line of .* says until /,
    ],
  ])("are told: %s", (_title, evidence, readings, expected) => {
    const conflicts = conflictsOf({ evidence, readings, now: NOW + 100 });
    expect(conflicts.map(({ text }) => text)).toEqual([expect.stringMatching(expected)]);
  });

  it.each<readonly [string, readonly Evidence[], readonly Reading[]]>([
    [
      "the text's reset is the row's to the minute",
      [told("hook", "fiveHour", RESET), told("row", "fiveHour", RESET + 59_000)],
      [],
    ],
    [
      "a channel that names no window",
      [told("hook", null, RESET), told("row", "weekly", RESET)],
      [],
    ],
    [
      "the refusals of two prompts",
      [told("hook", "fiveHour", RESET), told("row", "weekly", RESET, { promptId: "p-2" })],
      [],
    ],
    [
      "the refusals of two sessions",
      [told("hook", "fiveHour", RESET), told("row", "weekly", RESET, { sessionId: "other" })],
      [],
    ],
    [
      "refusals an hour apart",
      [told("hook", "fiveHour", RESET), told("row", "weekly", RESET, { observedAt: NOW + HOUR })],
      [],
    ],
    [
      "a status line from before the limit",
      [told("row", "fiveHour", RESET)],
      [reading(40, RESET, NOW - 1)],
    ],
    ["a status line of another window", [told("row", "weekly", RESET)], [reading(40, RESET)]],
    ["a limit that is over", [told("row", "fiveHour", NOW + 50)], [reading(4, RESET)]],
    ["a status line that agrees", [told("row", "fiveHour", RESET)], [reading(100, RESET + 30_000)]],
    [
      "a limit that a later one replaced",
      [
        told("row", "fiveHour", RESET),
        told("row", "fiveHour", RESET + HOUR, { observedAt: NOW + 20, promptId: "p-2" }),
      ],
      [reading(100, RESET + HOUR, NOW + 30)],
    ],
  ])("are not: %s", (_title, evidence, readings) => {
    expect(conflictsOf({ evidence, readings, now: NOW + 100 })).toEqual([]);
  });
});
