import { decide } from "../policy/decide.ts";
import type { CandidateRule, PolicySettings } from "../policy/model.ts";
import type { SimulatedPolicy } from "./model.ts";
import { PEER_NAMES, peerNamed } from "./peers.ts";

/** What our own policy is told, beside the account's view. */
export interface OwnPolicy {
  readonly name: string;
  readonly settings: PolicySettings;
  readonly ceiling: SimulatedPolicy["ceiling"];
}

/** Our own policy: the code that the daemon runs, with these settings. */
export function ownPolicy({ name, settings, ceiling }: OwnPolicy): SimulatedPolicy {
  return {
    name,
    ceiling,
    knows: "answers",
    readsPace: true,
    decide: (seen, now) => decide(seen, { ...settings, mode: "auto" }, now),
  };
}

/**
 * The policy of this name: one of `policyNames`, also with other thresholds, as in `priority@90/95`
 * (five-hour and weekly) or `priority@off`. Null for any other name. A policy may remember what it
 * saw, so each call makes a fresh one.
 */
export function policyNamed(
  name: string,
  defaults: Omit<OwnPolicy, "name">,
): SimulatedPolicy | null {
  const [, rule = "", at] = /^([a-zA-Z-]+)(?:@(off|\d+\/\d+))?$/.exec(name) ?? [];
  const asked = at === undefined ? undefined : thresholdsOf(at);
  if (asked === null) return null;
  const peer = peerNamed(rule, asked);
  if (peer !== null) return { ...peer, name };
  const candidate = OWN_RULES.find((each) => each === rule);
  if (candidate === undefined) return null;
  const ceiling = asked ?? defaults.ceiling;
  return ownPolicy({ name, settings: { ...defaults.settings, candidate }, ceiling });
}

export function policyNames(): string[] {
  return [...OWN_RULES, ...PEER_NAMES];
}

const OWN_RULES: readonly CandidateRule[] = ["priority", "mostHeadroom", "soonestReset"];

function thresholdsOf(text: string): SimulatedPolicy["ceiling"] | null {
  if (text === "off") return { fiveHour: 100, weekly: 100 };
  const [fiveHour = 0, weekly = 0] = text.split("/").map(Number);
  const isPercent = (value: number): boolean => value >= 1 && value <= 100;
  return isPercent(fiveHour) && isPercent(weekly) ? { fiveHour, weekly } : null;
}
