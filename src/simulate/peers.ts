import type { AccountView, LimitWindow, Observation } from "../policy/model.ts";
import type { SimulatedDecision, SimulatedPolicy } from "./model.ts";

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

/** How another tool is told to choose; our own code after its published description. */
interface Peer {
  /** From which percentages the account in use is left at a turn's end; 100 for never. */
  readonly leaves: { readonly fiveHour: number; readonly weekly: number };
  readonly cooldownMs: number;
  readonly knows: SimulatedPolicy["knows"];
  /** Lower is better; Infinity for never. */
  readonly rank: (account: AccountView, seen: Observation, now: number) => number;
}

/** Policies of other tools by the name they have here. A policy remembers, so each run makes its own. */
export const PEERS: Readonly<Record<string, () => SimulatedPolicy>> = {
  /** claude-auto-retry, omc: one account, wait for its reset. */
  wait: () => peer("wait", { ...AT_LIMIT, knows: "answers", rank: () => Infinity }),
  "round-robin": () => peer("round-robin", { ...AT_LIMIT, knows: "answers", rank: afterActive }),
  /** gastown. */
  "least-recently-used": () => leastRecentlyUsed(),
  /** claude-nonstop. */
  "headroom-at-limit": () => peer("headroom-at-limit", { ...AT_LIMIT, rank: mostUsed }),
  /** claude-swap, strategy best. */
  "swap-best": () => peer("swap-best", { ...SWAP, rank: mostUsed }),
  /** claude-swap, strategy consume-first: what is reset soonest is used up first. */
  "swap-consume-first": () => peer("swap-consume-first", { ...SWAP, rank: weeklyReset }),
  tokenmaxxing: () =>
    peer("tokenmaxxing", {
      leaves: { fiveHour: 95, weekly: 98 },
      cooldownMs: 0,
      knows: "answers",
      rank: weeklyPace,
    }),
  teamclaude: () =>
    peer("teamclaude", {
      leaves: { fiveHour: 98, weekly: 98 },
      cooldownMs: 0,
      knows: "answers",
      rank: weeklyReset,
    }),
};

const AT_LIMIT = {
  leaves: { fiveHour: 100, weekly: 100 },
  cooldownMs: 0,
  knows: "everything",
} as const;

const SWAP = {
  leaves: { fiveHour: 90, weekly: 90 },
  cooldownMs: 300_000,
  knows: "everything",
} as const;

function peer(name: string, rules: Peer): SimulatedPolicy {
  return {
    name,
    ceiling: rules.leaves,
    knows: rules.knows,
    decide: (seen, now) => choose(rules, seen, now),
  };
}

function leastRecentlyUsed(): SimulatedPolicy {
  const usedAt = new Map<string, number>();
  const rules: Peer = {
    ...AT_LIMIT,
    knows: "answers",
    rank: ({ name }) => usedAt.get(name) ?? 0,
  };
  return {
    ...peer("least-recently-used", rules),
    decide: (seen, now) => {
      usedAt.set(seen.active, now);
      return choose(rules, seen, now);
    },
  };
}

function choose(rules: Peer, seen: Observation, now: number): SimulatedDecision {
  const active = seen.accounts.find(({ name }) => name === seen.active);
  if (active === undefined) return { kind: "stay", until: null };
  const cutOff = seen.evidence.filter(({ account }) => account === seen.active);
  const isSpent = (active.exhaustedUntil ?? 0) > now;
  const isDue = !isSpent && cutOff.length === 0 && isOver(active, rules.leaves, now);
  if (!isDue && cutOff.length === 0) return { kind: "stay", until: null };
  const coolAt = (seen.lastSwitchAt ?? 0) + (seen.lastSwitchAt === null ? 0 : rules.cooldownMs);
  const target = now < coolAt ? null : best(rules, { seen, now, isSpent });
  if (target !== null) return { kind: "failover", to: target };
  if (isDue) return { kind: "stay", until: null };
  if (!isSpent) return { kind: "continue", sessions: cutOff.map(({ session }) => session) };
  const resets = seen.accounts.flatMap(({ exhaustedUntil }) =>
    exhaustedUntil !== null && exhaustedUntil > now ? [exhaustedUntil] : [],
  );
  return { kind: "wait", until: Math.min(...resets, now < coolAt ? coolAt : Infinity) };
}

/** At a limit an account that is nearly spent is better than none. */
function best(
  rules: Peer,
  { seen, now, isSpent }: { seen: Observation; now: number; isSpent: boolean },
): string | null {
  const ranked = seen.accounts
    .filter(({ name, exhaustedUntil }) => name !== seen.active && (exhaustedUntil ?? 0) <= now)
    .map((account) => ({ account, rank: rules.rank(account, seen, now) }))
    .filter(({ rank }) => rank < Infinity)
    .toSorted((a, b) => a.rank - b.rank || a.account.priority - b.account.priority);
  const fresh = ranked.find(({ account }) => !isOver(account, rules.leaves, now));
  return (fresh ?? (isSpent ? ranked[0] : undefined))?.account.name ?? null;
}

function isOver(account: AccountView, leaves: Peer["leaves"], now: number): boolean {
  return (
    used(account, "fiveHour", now) >= leaves.fiveHour ||
    used(account, "weekly", now) >= leaves.weekly
  );
}

function used({ windows }: AccountView, wanted: LimitWindow, now: number): number {
  const window = windows.find((each) => each.window === wanted);
  return window === undefined || (window.resetsAt ?? Infinity) <= now
    ? 0
    : (window.usedPercent ?? 0);
}

function mostUsed(account: AccountView, _seen: Observation, now: number): number {
  return Math.max(used(account, "fiveHour", now), used(account, "weekly", now));
}

function weeklyEnd({ windows }: AccountView, now: number): number | null {
  const end = windows.find(({ window }) => window === "weekly")?.resetsAt ?? null;
  return end === null || end <= now ? null : end;
}

/** What nobody knows the reset of comes last. */
function weeklyReset(account: AccountView, _seen: Observation, now: number): number {
  return weeklyEnd(account, now) ?? Number.MAX_SAFE_INTEGER;
}

/** Percentage points ahead of an even use of the week. */
function weeklyPace(account: AccountView, _seen: Observation, now: number): number {
  const end = weeklyEnd(account, now);
  const elapsed = end === null ? 0 : (100 * (now - (end - WEEK_MS))) / WEEK_MS;
  return used(account, "weekly", now) - elapsed;
}

function afterActive(account: AccountView, seen: Observation): number {
  const names = seen.accounts.map(({ name }) => name);
  const steps = names.indexOf(account.name) - names.indexOf(seen.active);
  return (steps + names.length) % names.length;
}
