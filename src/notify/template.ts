import type { Message } from "./message.ts";

/**
 * Pure: the operator's own words, with `{text}`, `{title}`, `{host}`, `{at}`, `{event}` and the keys
 * of the event's data filled in. A name that says nothing is left as it stands.
 */
export function filled(template: string, message: Message): string {
  const { data, ...own } = message;
  const fields = typeof data === "object" && data !== null ? Object.entries(data) : [];
  const known = new Map<string, unknown>([...fields, ...Object.entries(own)]);
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = known.get(name);
    return typeof value === "string" || typeof value === "number" ? String(value) : whole;
  });
}
