import { FailoverError } from "../errors.ts";
import type * as z from "zod";
import type { ErrorJson } from "./contract.ts";

/** The body's JSON object; {} for no body. Throws CF_API_REQUEST. */
export async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below, with the other bodies that are not an object.
  }
  throw new FailoverError("CF_API_REQUEST", "The body must be a JSON object.");
}

/** What `schema` makes of a query or a body. Throws CF_API_REQUEST with the first thing wrong. */
export function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  throw new FailoverError("CF_API_REQUEST", issue?.message ?? "The request is not right.");
}

/** A whole number from a query or a path. Throws CF_API_REQUEST. */
export function whole(text: string, name: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new FailoverError("CF_API_REQUEST", `\`${name}\` must be a whole number.`);
}

/** Pure: an error as it is answered. */
export function errorJson(error: FailoverError): ErrorJson {
  return { error: { code: error.code, message: error.message, hint: error.hint } };
}
