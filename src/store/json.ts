/** What a JSON column may hold. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** The text of a JSON column; null stays null. */
export function toJson(value: Json): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** The value of a JSON column. */
export function fromJson(text: string | null): Json {
  return text === null ? null : (JSON.parse(text) as Json);
}
