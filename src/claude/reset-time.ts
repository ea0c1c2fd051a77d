/**
 * When a limit resets, from the client's words: `resets 1:44pm (UTC)`, `resets 3am`,
 * `resets Nov 25, 1:24am (UTC)`, `resets Jul 27 at 5am (Asia/Tokyo)` (client facts 15). The client
 * leaves the date away within the next 24 hours, the minutes where they are zero, and the year where
 * it is the running one.
 */

const CLOCK = String.raw`(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\b\.?`;
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const DATE = String.raw`(${MONTHS.join("|")})[a-z]*\.? (\d{1,2})(?:, (\d{4}))?`;
const ZONE = String.raw`(?:\s*\(([A-Za-z][\w+\-/]*)\))?`;
const DATED = new RegExp(
  String.raw`\bresets? (?:at )?${DATE}(?:,? (?:at )?${CLOCK})?${ZONE}`,
  "gi",
);
const CLOCK_ONLY = new RegExp(String.raw`\bresets? (?:at )?${CLOCK}${ZONE}`, "gi");

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A time as it stands on a wall clock; `month` counts from 0. */
interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/**
 * Pure: the instant (epoch ms, whole minutes) that the last reset time of `text` names, or null if
 * there is none or it is no time. `nowMs` is when the text was written; `localZone` (IANA) counts
 * where the text names no zone. A clock time is the next one, a date without a year the nearest one;
 * of two instants with the same name (clocks set back) the first, a name that was skipped (clocks
 * set forward) is moved on by the skip. The last, because a text about spending ends with the window
 * that the account waits for.
 */
export function parseResetTime(text: string, nowMs: number, localZone: string): number | null {
  const plain = text.replace(/[\u00a0\u202f]/g, " ");
  const dated = [...plain.matchAll(DATED)].at(-1);
  const clock = [...plain.matchAll(CLOCK_ONLY)].at(-1);
  const match = (dated?.index ?? -1) > (clock?.index ?? -1) ? dated : clock;
  if (match === undefined) return null;
  const zone = match.at(-1) ?? localZone;
  if (!isZone(zone)) return null;
  return match === dated
    ? nearestDate(match, nowMs, zone)
    : nextClock(timeOf(match[1], match[2], match[3]), nowMs, zone);
}

let ownZone: string | undefined;

/** The zone this process shows times in (IANA), as it was when first asked. */
export function machineZone(): string {
  ownZone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return ownZone;
}

/** Loads the time zone data (20 ms), so that the first refusal of a daemon does not wait for it. */
export function prepareResetTimes(): void {
  parseResetTime("resets 12am", 0, machineZone());
}

function nearestDate(match: RegExpExecArray, nowMs: number, zone: string): number | null {
  const month = MONTHS.indexOf((match[1] ?? "").toLowerCase());
  const day = Number(match[2]);
  const time =
    match[4] === undefined ? { hour: 0, minute: 0 } : timeOf(match[4], match[5], match[6]);
  if (time === null) return null;
  const thisYear = wallTime(nowMs, zone).year;
  const years =
    match[3] === undefined ? [thisYear - 1, thisYear, thisYear + 1] : [Number(match[3])];
  const instants = years
    .filter((year) => isDay(year, month, day))
    .flatMap((year) => instantsOf({ year, month, day, ...time }, zone));
  return instants.toSorted((a, b) => Math.abs(a - nowMs) - Math.abs(b - nowMs))[0] ?? null;
}

function nextClock(
  time: { hour: number; minute: number } | null,
  nowMs: number,
  zone: string,
): number | null {
  if (time === null) return null;
  const thisMinute = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const today = wallTime(nowMs, zone);
  for (const ahead of [0, 1, 2]) {
    const instants = instantsOf({ ...today, day: today.day + ahead, ...time }, zone);
    const next = instants.find((instant) => instant >= thisMinute);
    if (next !== undefined) return next;
  }
  return null;
}

function timeOf(hours?: string, minutes = "0", half?: string) {
  const hour = Number(hours);
  const minute = Number(minutes);
  if (!(hour >= 1 && hour <= 12 && minute < 60)) return null;
  return { hour: (hour % 12) + (half?.toLowerCase() === "p" ? 12 : 0), minute };
}

function isDay(year: number, month: number, day: number): boolean {
  return day >= 1 && new Date(Date.UTC(year, month, day)).getUTCMonth() === month;
}

/** The instants at which a clock of `zone` shows `wall`, in order: one, or two where set back. */
function instantsOf(wall: WallTime, zone: string): number[] {
  const asUtc = Date.UTC(wall.year, wall.month, wall.day, wall.hour, wall.minute);
  const before = offsetAt(asUtc - DAY_MS, zone);
  const offsets = new Set([before, offsetAt(asUtc + DAY_MS, zone)]);
  const instants = [...offsets]
    .map((offset) => asUtc - offset)
    .filter((instant) => offsetAt(instant, zone) === asUtc - instant)
    .toSorted((a, b) => a - b);
  return instants.length > 0 ? instants : [asUtc - before];
}

/** How far the zone's clock is ahead of UTC at an instant (ms). */
function offsetAt(instant: number, zone: string): number {
  const wall = wallTime(instant, zone);
  const shown = Date.UTC(wall.year, wall.month, wall.day, wall.hour, wall.minute);
  return shown - Math.floor(instant / MINUTE_MS) * MINUTE_MS;
}

function wallTime(instant: number, zone: string): WallTime {
  const part: Record<string, number> = {};
  for (const { type, value } of clockOf(zone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = part;
  return { year, month: month - 1, day, hour, minute };
}

/** Formatters are dear to make (about 30 µs) and there are few zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    clocks.set(zone, clock);
  }
  return clock;
}

function isZone(zone: string): boolean {
  try {
    return clockOf(zone) !== undefined;
  } catch {
    return false;
  }
}
