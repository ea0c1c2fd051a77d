import { harmless } from "../config/problem.ts";

/** Pure: what an event carries, as ` key=value` words; nothing for what is null. */
export function eventWords(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  return Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(
      ([key, value]) =>
        ` ${key}=${harmless(typeof value === "string" ? quoted(value) : JSON.stringify(value))}`,
    )
    .join("");
}

function quoted(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : JSON.stringify(text);
}
