import type { Evidence } from "../policy/model.ts";
import { isTrouble } from "../policy/leave.ts";

function isLimit(evidence: Evidence | null): boolean {
  return evidence?.refusal.class === "usageLimit";
}

export function isTroubled(evidence: Evidence | null): boolean {
  return evidence !== null && isTrouble(evidence);
}

/** Whether another account takes the cut-off turn on. */
export function movesOn(evidence: Evidence | null): boolean {
  return isLimit(evidence) || isTroubled(evidence);
}

export function isBusyServer(evidence: Evidence | null): boolean {
  const refusal = evidence?.refusal.class;
  return refusal === "serverBusy" || refusal === "overload";
}
