/** Narrow reads from the client's JSON, which is never trusted to have a shape. */

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object to read fields from, or null. Arrays are none. */
export function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

/** The text as JSON of an object, or null; never throws. */
export function parseFields(json: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(json));
  } catch {
    return null;
  }
}

/** A string with something in it, or null. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A finite number, or null. */
export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The client's epoch seconds as epoch milliseconds; null for anything that is no time. */
export function secondsToMs(value: unknown): number | null {
  const seconds = numberOf(value);
  return seconds !== null && seconds > 0 ? Math.round(seconds * 1000) : null;
}
