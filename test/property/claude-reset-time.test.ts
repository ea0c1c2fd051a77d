import fc from "fast-check";
import { expect, it } from "vitest";
import { parseResetTime } from "../../src/claude/reset-time.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")];

const zone = fc.constantFrom(...ZONES);
const now = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2036, 0, 1) });

it("names the same minute again within the next 22 hours, in every zone, with and without it", () => {
  const ahead = fc.integer({ min: MINUTE, max: 22 * HOUR });
  fc.assert(
    fc.property(zone, now, ahead, fc.boolean(), (where, at, wait, isZoneNamed) => {
      fc.pre(isSteady(where, at, at + wait));
      const text = isZoneNamed ? inWords(at + wait, at, where) : clock(at + wait, where);
      const local = isZoneNamed ? "America/Caracas" : where;
      expect(parseResetTime(`limit · resets ${text}`, at, local)).toBe(minuteOf(at + wait));
    }),
    { numRuns: 300 },
  );
});

it("names the same minute again days and weeks ahead", () => {
  const ahead = fc.integer({ min: 25 * HOUR, max: 60 * 24 * HOUR });
  fc.assert(
    fc.property(zone, now, ahead, fc.boolean(), (where, at, wait, saysAt) => {
      fc.pre(isSteady(where, at + wait - 3 * HOUR, at + wait + 3 * HOUR));
      const written = inWords(at + wait, at, where);
      const text = saysAt ? written.replace(/, (?=\d{1,2}(?::\d+)?[ap]m)/, " at ") : written;
      expect(parseResetTime(`resets ${text}`, at, "UTC")).toBe(minuteOf(at + wait));
    }),
    { numRuns: 300 },
  );
});

it("finds a minute that reads the same when clocks are changed in between, and never a past one", () => {
  const ahead = fc.integer({ min: MINUTE, max: 24 * HOUR });
  fc.assert(
    fc.property(zone, now, ahead, (where, at, wait) => {
      const text = inWords(at + wait, at, where);
      const found = parseResetTime(`resets ${text}`, at, "UTC") ?? Number.NaN;
      expect(inWords(found, at, where)).toBe(text);
      expect(found).toBeGreaterThanOrEqual(minuteOf(at));
      expect(found).toBeLessThanOrEqual(at + wait);
    }),
    { numRuns: 300 },
  );
});

/** The text as the client writes it: a date only when more than a day ahead. */
function inWords(instant: number, at: number, timeZone: string): string {
  const isDated = instant - at > 24 * HOUR;
  return `${isDated ? `${date(instant, at, timeZone)}, ` : ""}${clock(instant, timeZone)} (${timeZone})`;
}

function clock(instant: number, timeZone: string): string {
  const minute =
    part(instant, timeZone, { minute: "numeric" }) === "0" ? {} : ({ minute: "2-digit" } as const);
  return new Date(instant)
    .toLocaleTimeString("en-US", { hour: "numeric", ...minute, hour12: true, timeZone })
    .replace(/[ \u202f]([AP]M)/i, (_all, half: string) => half.toLowerCase());
}

function date(instant: number, at: number, timeZone: string): string {
  const isOtherYear =
    part(instant, timeZone, { year: "numeric" }) !== part(at, timeZone, { year: "numeric" });
  const year = isOtherYear ? ({ year: "numeric" } as const) : {};
  return new Date(instant).toLocaleDateString("en-US", {
    month: "short",
    day: "numeric",
    ...year,
    timeZone,
  });
}

function part(instant: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  return new Date(instant).toLocaleString("en-US", { ...options, timeZone });
}

/** Whether no clock of the zone is changed between two instants. */
function isSteady(timeZone: string, from: number, to: number): boolean {
  const offset = (instant: number) => part(instant, timeZone, { timeZoneName: "longOffset" });
  return offset(from).split("GMT")[1] === offset(to).split("GMT")[1];
}

function minuteOf(instant: number): number {
  return Math.floor(instant / MINUTE) * MINUTE;
}
