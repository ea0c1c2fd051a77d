import { describe, expect, it } from "vitest";
import { parseResetTime } from "../../../src/claude/reset-time.ts";

/** text · written at · zone of the machine · the instant, or null */
const cases: ReadonlyArray<readonly [string, string, string, string | null]> = [
  ["resets 1:44pm (UTC)", "2026-11-20T10:44:03Z", "Asia/Tokyo", "2026-11-20T13:44:00Z"],
  ["resets 3am", "2026-11-20T22:00:00Z", "UTC", "2026-11-21T03:00:00Z"],
  ["resets 3am", "2026-11-20T22:00:00Z", "America/New_York", "2026-11-21T08:00:00Z"],
  ["resets at 3am", "2026-11-20T01:00:00Z", "UTC", "2026-11-20T03:00:00Z"],
  ["resets 1:44 PM (UTC)", "2026-11-20T10:44:03Z", "UTC", "2026-11-20T13:44:00Z"],
  ["resets 1:44\u202fPM (UTC)", "2026-11-20T10:44:03Z", "UTC", "2026-11-20T13:44:00Z"],
  ["resets 9:50pm (Asia/Saigon)", "2026-11-20T10:44:03Z", "UTC", "2026-11-20T14:50:00Z"],
  // Day roll-over: the next such time, and the running minute is not past yet.
  ["resets 12am (UTC)", "2026-11-20T23:59:59Z", "UTC", "2026-11-21T00:00:00Z"],
  ["resets 12pm (UTC)", "2026-11-20T12:00:30Z", "UTC", "2026-11-20T12:00:00Z"],
  ["resets 12pm (UTC)", "2026-11-20T12:01:00Z", "UTC", "2026-11-21T12:00:00Z"],
  ["resets 2am (Pacific/Auckland)", "2026-11-20T10:00:00Z", "UTC", "2026-11-20T13:00:00Z"],
  ["resets 11pm (Pacific/Honolulu)", "2026-11-20T03:00:00Z", "UTC", "2026-11-20T09:00:00Z"],
  // Dates: the nearest year, or the one given.
  ["resets Nov 25, 1:24am (UTC)", "2026-11-20T10:00:00Z", "UTC", "2026-11-25T01:24:00Z"],
  ["resets Nov 25, 1am", "2026-11-20T10:00:00Z", "Europe/Berlin", "2026-11-25T00:00:00Z"],
  ["resets Jul 27 at 5am (Asia/Tokyo)", "2026-07-23T04:00:00Z", "UTC", "2026-07-26T20:00:00Z"],
  ["resets July 27 at 5am (Asia/Tokyo)", "2026-07-23T04:00:00Z", "UTC", "2026-07-26T20:00:00Z"],
  ["resets Jan 2, 1am (UTC)", "2026-12-29T10:00:00Z", "UTC", "2027-01-02T01:00:00Z"],
  ["resets Jan 2, 2027, 1am (UTC)", "2026-12-29T10:00:00Z", "UTC", "2027-01-02T01:00:00Z"],
  ["resets Dec 30, 1am (UTC)", "2027-01-03T10:00:00Z", "UTC", "2026-12-30T01:00:00Z"],
  ["resets Feb 29, 1am (UTC)", "2028-02-25T10:00:00Z", "UTC", "2028-02-29T01:00:00Z"],
  ["resets Dec 1", "2026-11-20T10:00:00Z", "UTC", "2026-12-01T00:00:00Z"],
  // Clocks set forward (2:30am is skipped) and back (1:30am comes twice).
  ["resets 2:30am (America/New_York)", "2026-03-08T05:00:00Z", "UTC", "2026-03-08T07:30:00Z"],
  ["resets 1:30am (America/New_York)", "2026-11-01T04:00:00Z", "UTC", "2026-11-01T05:30:00Z"],
  ["resets 1:30am (America/New_York)", "2026-11-01T05:45:00Z", "UTC", "2026-11-01T06:30:00Z"],
  ["resets 3am (Europe/Berlin)", "2026-03-28T22:00:00Z", "UTC", "2026-03-29T01:00:00Z"],
  ["resets 5am (Australia/Lord_Howe)", "2026-04-04T10:00:00Z", "UTC", "2026-04-04T18:30:00Z"],
  // The last one counts: the window behind a spending limit.
  [
    "You've hit your budget · resets Dec 1, 12am (UTC) · your 5-hour limit resets 1:44pm (UTC)",
    "2026-11-20T10:44:03Z",
    "UTC",
    "2026-11-20T13:44:00Z",
  ],
  [
    "limit resets 1pm (UTC). Run /usage-credits",
    "2026-11-20T10:44:03Z",
    "UTC",
    "2026-11-20T13:00:00Z",
  ],
  // No time at all.
  ["You've hit your limit", "2026-11-20T10:44:03Z", "UTC", null],
  ["resets soon", "2026-11-20T10:44:03Z", "UTC", null],
  ["resets in 2h 13m", "2026-11-20T10:44:03Z", "UTC", null],
  ["resets 0am (UTC)", "2026-11-20T10:44:03Z", "UTC", null],
  ["resets 13pm (UTC)", "2026-11-20T10:44:03Z", "UTC", null],
  ["resets 1:60pm (UTC)", "2026-11-20T10:44:03Z", "UTC", null],
  ["resets Feb 30, 1am (UTC)", "2026-02-20T10:44:03Z", "UTC", null],
  ["resets Feb 29, 1am (UTC)", "2026-02-20T10:44:03Z", "UTC", null],
  ["resets 3am (Mars/Olympus)", "2026-11-20T10:44:03Z", "UTC", null],
  ["presets 3am (UTC)", "2026-11-20T10:44:03Z", "UTC", null],
];

describe("a reset time", () => {
  it.each(cases)("in %j written at %s in %s is %s", (text, at, zone, expected) => {
    const instant = parseResetTime(text, Date.parse(at), zone);
    expect(instant === null ? null : new Date(instant).toISOString()).toBe(
      expected === null ? null : new Date(expected).toISOString(),
    );
  });
});
