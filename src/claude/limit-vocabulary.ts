/**
 * The vendor's own words for limits, as the npm package `@anthropic-ai/claude-agent-sdk` 0.3.332
 * exports them under the same names (marked alpha). Straight apostrophes, as published;
 * `limit-text.ts` straightens what it reads.
 */

/** A usage limit was reached. */
export const USAGE_LIMIT_ERROR_PREFIXES: readonly string[] = [
  "You've hit your",
  "You've reached your",
  "You're out of usage credits",
  "Your org is out of usage · add funds to continue",
  "Your org is out of usage · contact your admin",
  "Your seat type doesn't include usage credits",
  "Your seat type doesn't include usage",
  "Your usage allocation has been disabled by your admin",
  "Your group's usage limit is set to $0",
  "Fable 5 requires usage credits",
  "You're out of extra usage",
  "Your seat type doesn't include extra usage",
];

/** Getting close; never an error. */
export const USAGE_WARNING_PREFIXES: readonly string[] = ["You've used", "You're close to"];

/** From now on the account pays for what it uses. */
export const USAGE_TRANSITION_PREFIXES: readonly string[] = [
  "You're now using usage credits",
  "You're now using your usage allocation",
  "Now using your usage allocation",
  "Now using usage credits",
  "Now using credits",
  "You're now using extra usage",
  "Now using extra usage",
];

/** Reported like a limit, but an organisation's rule. */
export const ORG_POLICY_LIMIT_PREFIXES: readonly string[] = [
  "This service is disabled for your org",
];

/** The client's model families, as they stand in `You've hit your <Model> limit`. */
export const MODEL_FAMILIES: readonly string[] = ["fable", "haiku", "mythos", "opus", "sonnet"];

/**
 * The model that the client (2.1.328) calls the rate limit type `seven_day_overage_included`, and
 * the only one that needs usage credits.
 */
export const CREDITS_MODEL = "fable";
