import { decide } from "../policy/decide.ts";
import type { CandidateRule, PolicySettings } from "../policy/model.ts";
import type { SimulatedPolicy } from "./model.ts";
import { PEERS } from "./peers.ts";

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
    decide: (seen, now) => decide(seen, { ...settings, mode: "auto" }, now),
  };
}

/**
 * The policy of this name: one of `policyNames`, ours also with thresholds, as in `priority@90/95`
 * (five-hour and weekly) or `priority@off`. Null for any other name. Each call makes a fresh one.
 */
export function policyNamed(
  name: string,
  defaults: Omit<OwnPolicy, "name">,
): SimulatedPolicy | null {
  const peer = Object.hasOwn(PEERS, name) ? PEERS[name] : undefined;
  if (peer !== undefined) return peer();
  const [, rule, at] = /^([a-zA-Z]+)(?:@(off|\d+\/\d+))?$/.exec(name) ?? [];
  const candidate = OWN_RULES.find((each) => each === rule);
  const ceiling = at === undefined ? defaults.ceiling : thresholdsOf(at);
  if (candidate === undefined || ceiling === null) return null;
  return ownPolicy({ name, settings: { ...defaults.settings, candidate }, ceiling });
}

export function policyNames(): string[] {
  return [...OWN_RULES, ...Object.keys(PEERS)];
}

const OWN_RULES: readonly CandidateRule[] = ["priority", "mostHeadroom", "soonestReset"];

function thresholdsOf(text: string): SimulatedPolicy["ceiling"] | null {
  if (text === "off") return { fiveHour: 100, weekly: 100 };
  const [fiveHour = 0, weekly = 0] = text.split("/").map(Number);
  const isPercent = (value: number): boolean => value >= 1 && value <= 100;
  return isPercent(fiveHour) && isPercent(weekly) ? { fiveHour, weekly } : null;
}
