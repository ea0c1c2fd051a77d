import type { LimitWindow } from "../policy/model.ts";
import {
  CREDITS_MODEL,
  MODEL_FAMILIES,
  ORG_POLICY_LIMIT_PREFIXES,
  USAGE_LIMIT_ERROR_PREFIXES,
  USAGE_TRANSITION_PREFIXES,
  USAGE_WARNING_PREFIXES,
} from "./limit-vocabulary.ts";

/** What a text of the client says about an allowance, if anything. */
export type LimitTextKind = "limit" | "warning" | "transition" | "orgPolicy" | "serverBusy";

/** Warnings that the vendor keeps out of its list. */
const MORE_WARNINGS = /^(?:Approaching |Over \d+% of your )/;
/** The client (2.1.328) says this where an organisation's daily cap stopped the account. */
const USAGE_PAUSED = "Usage is paused for your organization";
/** A model that is only sold for credits, on an account that has none (client 2.1.328). */
const NEEDS_CREDITS = new RegExp(
  `^(?:${MODEL_FAMILIES.join("|")})(?: [^·\\n]{1,40})? requires usage credits\\b`,
  "i",
);
const SERVER_BUSY =
  /^(?:API Error: )?(?:Server is temporarily limiting requests \(not your usage limit\)|Request rejected \(429\))/;

/**
 * Pure: what the beginning of a text says, in the vendor's words (client facts 15). It knows nothing
 * of where the text came from: only together with a structured error is a `limit` one.
 */
export function limitTextKind(text: string): LimitTextKind | null {
  const line = straighten(text);
  const begins = (prefixes: readonly string[]) => prefixes.some((words) => line.startsWith(words));
  if (SERVER_BUSY.test(line)) return "serverBusy";
  if (begins(ORG_POLICY_LIMIT_PREFIXES) || line.startsWith(USAGE_PAUSED)) return "orgPolicy";
  if (begins(USAGE_LIMIT_ERROR_PREFIXES) || NEEDS_CREDITS.test(line)) return "limit";
  if (begins(USAGE_WARNING_PREFIXES) || MORE_WARNINGS.test(line)) return "warning";
  return begins(USAGE_TRANSITION_PREFIXES) ? "transition" : null;
}

/** The text with straight apostrophes and plain spaces, as the vendor's lists are written. */
export function straighten(text: string): string {
  return text
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u00a0\u202f]/g, " ")
    .trim();
}

/**
 * Pure: the window that a limit text names. `your 5-hour limit resets …` at the end of a text about
 * spending is what the account waits for, so it is looked for first.
 */
export function windowOfText(text: string): LimitWindow {
  const line = straighten(text);
  const waitsFor = / your ([\w-]+) limit resets /i.exec(line)?.[1];
  if (waitsFor !== undefined) return windowOfName(waitsFor);
  if (NEEDS_CREDITS.test(line)) return `model:${familyIn(line) ?? CREDITS_MODEL}`;
  if (/\bswitch(?:ing)? (?:to another model|models)\b/i.test(line))
    return `model:${familyIn(line) ?? CREDITS_MODEL}`;
  const name = /^You've (?:hit|reached) your (.*?) ?\b(?:limit|budget)\b/i.exec(line)?.[1];
  if (name !== undefined) return windowOfName(name);
  return limitTextKind(line) === "limit" ? "overage" : "unknown";
}

/**
 * Pure: the window of the client's `rateLimitType`, or null where it names none. The text decides
 * where the type alone does not: `seven_day_sonnet` is the plain weekly limit on plans that have no
 * other model (client 2.1.328).
 */
export function windowOfRateLimitType(type: string, text: string): LimitWindow | null {
  const named = windowOfText(text);
  const model = named.startsWith("model:") ? named : null;
  switch (type) {
    case "five_hour":
      return "fiveHour";
    case "seven_day":
      return "weekly";
    case "seven_day_opus":
      return "model:opus";
    case "seven_day_sonnet":
      return named === "weekly" ? "weekly" : "model:sonnet";
    case "seven_day_overage_included":
      return model ?? `model:${CREDITS_MODEL}`;
    case "overage":
      return "overage";
    default:
      return null;
  }
}

function windowOfName(name: string): LimitWindow {
  const words = name.toLowerCase();
  if (words === "5-hour" || words === "session") return "fiveHour";
  if (words === "weekly") return "weekly";
  if (/\b(?:spend|credits?|budget|monthly|individual|pooled)\b/.test(words)) return "overage";
  if (words === "" || words === "usage") return "unknown";
  const family = familyIn(words);
  if (family !== undefined) return `model:${family}`;
  return /^[A-Z][\w.]*(?: [\w.]+)?$/.test(name) ? `model:${words}` : "unknown";
}

function familyIn(text: string): string | undefined {
  return text
    .toLowerCase()
    .match(/[a-z]+/g)
    ?.find((word) => MODEL_FAMILIES.includes(word));
}
