import type { Evidence } from "./model.ts";

type Refused = Pick<Evidence, "refusal">;

/** Whether a refusal says that its account is of no use until a person sees to it. */
export function isTrouble({ refusal }: Refused): boolean {
  return ["auth", "billing", "orgPolicy"].includes(refusal.class);
}

/** Whether a cut-off turn is continued under another account. */
export function movesOn(cutOff: Refused): boolean {
  return cutOff.refusal.class === "usageLimit" || isTrouble(cutOff);
}

/** Whether a cut-off turn is continued under the same account, later. */
export function isBusyServer({ refusal }: Refused): boolean {
  return refusal.class === "serverBusy" || refusal.class === "overload";
}
