import { FailoverError } from "../errors.ts";
import type { Call } from "./verb.ts";

/** An option's whole number, or `missing` where it was not given. Throws CF_CLI_USAGE. */
export function wholeNumber(
  { values }: Call,
  name: string,
  { least, most = Infinity, missing }: { least: number; most?: number; missing: number },
): number {
  const text = values[name];
  if (text === undefined) return missing;
  const value = typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
  throw new FailoverError("CF_CLI_USAGE", `--${name} takes a whole number ${range}.`);
}
