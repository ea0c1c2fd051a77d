import { aheadOfWeek } from "../policy/forecast.ts";
import type { AccountView, LimitWindow, Observation } from "../policy/model.ts";
import type { SimulatedDecision, SimulatedPolicy } from "./model.ts";

/** How another tool is told to choose; our own code after its published description. */
interface Peer {
  /** From which percentages the account in use is left at a turn's end; 100 for never. */
  readonly leaves: { readonly fiveHour: number; readonly weekly: number };
  readonly cooldownMs: number;
  readonly knows: SimulatedPolicy["knows"];
  /** Lower is better; Infinity for never. */
  readonly rank: (account: AccountView, look: Look) => number;
}

const AT_LIMIT = { fiveHour: 100, weekly: 100 };

/** Other tools' ways, by the name they have here. */
const PEERS: Readonly<Record<string, Peer>> = {
  /** claude-auto-retry, omc: one account, wait for its reset. */
  wait: { leaves: AT_LIMIT, cooldownMs: 0, knows: "answers", rank: () => Infinity },
  "round-robin": { leaves: AT_LIMIT, cooldownMs: 0, knows: "answers", rank: afterActive },
  /** gastown. */
  "least-recently-used": { leaves: AT_LIMIT, cooldownMs: 0, knows: "answers", rank: lastUse },
  /** claude-nonstop. */
  "headroom-at-limit": { leaves: AT_LIMIT, cooldownMs: 0, knows: "everything", rank: mostUsed },
  /** claude-swap, strategy best. */
  "swap-best": {
    leaves: { fiveHour: 90, weekly: 90 },
    cooldownMs: 300_000,
    knows: "everything",
    rank: mostUsed,
  },
  /** claude-swap, strategy consume-first: what is reset soonest is used up first. */
  "swap-consume-first": {
    leaves: { fiveHour: 90, weekly: 90 },
    cooldownMs: 300_000,
    knows: "everything",
    rank: weeklyReset,
  },
  tokenmaxxing: {
    leaves: { fiveHour: 95, weekly: 98 },
    cooldownMs: 0,
    knows: "answers",
    rank: weeklyPace,
  },
  teamclaude: {
    leaves: { fiveHour: 98, weekly: 98 },
    cooldownMs: 0,
    knows: "answers",
    rank: weeklyReset,
  },
};

export const PEER_NAMES: readonly string[] = Object.keys(PEERS);

/** The peer of this name, with its own thresholds or other ones; null for no peer's name. */
export function peerNamed(
  name: string,
  leaves?: SimulatedPolicy["ceiling"],
): Omit<SimulatedPolicy, "name"> | null {
  const peer = Object.hasOwn(PEERS, name) ? PEERS[name] : undefined;
  if (peer === undefined) return null;
  const rules = leaves === undefined ? peer : { ...peer, leaves };
  const lastUsedAt = new Map<string, number>();
  return {
    ceiling: rules.leaves,
    knows: rules.knows,
    readsPace: false,
    decide: (seen, now) => {
      lastUsedAt.set(seen.active, now);
      return choose(rules, { seen, now, lastUsedAt });
    },
  };
}

/** What a peer goes by: the look at the world, and when it was with which account. */
interface Look {
  readonly seen: Observation;
  readonly now: number;
  readonly lastUsedAt: ReadonlyMap<string, number>;
}

function choose(rules: Peer, look: Look): SimulatedDecision {
  const { seen, now } = look;
  const active = seen.accounts.find(({ name }) => name === seen.active);
  if (active === undefined) return { kind: "stay", until: null };
  const cutOff = seen.evidence.filter(({ account }) => account === seen.active);
  const isSpent = (active.exhaustedUntil ?? 0) > now;
  const isDue = !isSpent && cutOff.length === 0 && isOver(active, rules.leaves, now);
  if (!isDue && cutOff.length === 0) return { kind: "stay", until: null };
  const coolAt = (seen.lastSwitchAt ?? 0) + (seen.lastSwitchAt === null ? 0 : rules.cooldownMs);
  const target = now < coolAt ? null : best(rules, look, isSpent);
  if (target !== null) return { kind: "failover", to: target };
  if (isDue) return { kind: "stay", until: null };
  if (!isSpent) return { kind: "continue", sessions: cutOff.map(({ session }) => session) };
  const resets = seen.accounts.flatMap(({ exhaustedUntil }) =>
    exhaustedUntil !== null && exhaustedUntil > now ? [exhaustedUntil] : [],
  );
  return { kind: "wait", until: Math.min(...resets, now < coolAt ? coolAt : Infinity) };
}

/** At a limit an account that is nearly spent is better than none. */
function best(rules: Peer, look: Look, isSpent: boolean): string | null {
  const { seen, now } = look;
  const ranked = seen.accounts
    .filter(({ name, exhaustedUntil }) => name !== seen.active && (exhaustedUntil ?? 0) <= now)
    .map((account) => ({ account, rank: rules.rank(account, look) }))
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

function mostUsed(account: AccountView, { now }: Look): number {
  return Math.max(used(account, "fiveHour", now), used(account, "weekly", now));
}

function weeklyEnd({ windows }: AccountView, now: number): number | null {
  const end = windows.find(({ window }) => window === "weekly")?.resetsAt ?? null;
  return end === null || end <= now ? null : end;
}

/** What nobody knows the reset of comes last. */
function weeklyReset(account: AccountView, { now }: Look): number {
  return weeklyEnd(account, now) ?? Number.MAX_SAFE_INTEGER;
}

function weeklyPace({ windows }: AccountView, { now }: Look): number {
  return aheadOfWeek(windows, now);
}

function afterActive(account: AccountView, { seen }: Look): number {
  const names = seen.accounts.map(({ name }) => name);
  const steps = names.indexOf(account.name) - names.indexOf(seen.active);
  return (steps + names.length) % names.length;
}

function lastUse({ name }: AccountView, { lastUsedAt }: Look): number {
  return lastUsedAt.get(name) ?? 0;
}
