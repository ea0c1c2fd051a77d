import type { Evidence } from "./model.ts";

/**
 * Whether one piece of evidence may move the fleet by itself. A transcript row and a hook are
 * written by the client about its own request; text on a screen may be anybody's words.
 */
export function isAuthoritative(evidence: Evidence): boolean {
  switch (evidence.channel) {
    case "row":
    case "hook":
      return true;
    case "statusline":
    case "pane":
      return false;
  }
}

/** Authoritative usage-limit evidence against `account`, newest last. */
export function confirmedLimits(evidence: readonly Evidence[], account: string): Evidence[] {
  return evidence.filter(
    (item) =>
      item.account === account && item.refusal.class === "usageLimit" && isAuthoritative(item),
  );
}

/** Whether the refusal spends the whole account, not the allowance of one model (client facts 16). */
export function spendsAccount(evidence: Evidence): boolean {
  return !(evidence.refusal.window ?? "unknown").startsWith("model:");
}
