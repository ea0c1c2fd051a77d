import type { AccountJson } from "../../src/api/contract.ts";

/** An account that stands by, of which nothing is known. */
export function accountJson(name: string, changes: Partial<AccountJson> = {}): AccountJson {
  return {
    name,
    home: `/home/op/.claude-${name}`,
    state: "standby",
    slots: [],
    limitations: [],
    windows: [],
    exhaustedUntil: null,
    identity: null,
    conflicts: [],
    ...changes,
  };
}
