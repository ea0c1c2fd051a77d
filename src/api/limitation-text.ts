import type { AccountJson } from "./contract.ts";

/** The active account is not to take over, and a state of its own says that one is exhausted. */
const SAID_BY_STATE = new Set(["isActive", "exhausted"]);
/** How full a window is stands beside its name, and is no news of an account that is spent or in use. */
const SAID_BY_WINDOWS = new Set(["nearlySpent", "aboveCeiling"]);

/** Pure: what stands against an account and is not to be seen from its state and its windows. */
export function unsaidLimitations(
  { name, limitations, exhaustedUntil }: AccountJson,
  activeAccount: string | null,
): string[] {
  const isUsed = exhaustedUntil !== null || name === activeAccount;
  return limitations
    .filter(({ code }) => !SAID_BY_STATE.has(code) && !(isUsed && SAID_BY_WINDOWS.has(code)))
    .map(({ text }) => text);
}
