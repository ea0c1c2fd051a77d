/** Durations as people write them: `500ms`, `90s`, `5m`, `1h30m`, `2d`. Largest unit first. */
export const DURATION_PATTERN = /^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

/** Above this a timer of Node overflows (2^31 - 1 ms) and fires at once. */
export const MAX_DURATION_MS = 24 * 86_400_000;

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Milliseconds of a written duration, or null when it is none or is above MAX_DURATION_MS. */
export function parseDuration(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g)) {
    total += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return total <= MAX_DURATION_MS ? total : null;
}
