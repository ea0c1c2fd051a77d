import { readFileSync } from "node:fs";

export type JsonObject = Record<string, unknown>;

/** A value as an object; anything that is none gives an empty one. */
export function asObject(value: unknown): JsonObject {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Text as JSON, or null. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The object in a JSON file; empty when there is none. */
export function readJsonFile(path: string): JsonObject {
  try {
    return asObject(parseJson(readFileSync(path, "utf8")));
  } catch {
    return {};
  }
}
