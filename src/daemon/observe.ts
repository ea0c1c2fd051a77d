import type { SessionSeen } from "../api/session-view.ts";
import type { AccountConfig, Config } from "../config/config.ts";
import { slotNamed } from "../config/slots.ts";
import { FORECAST_MS } from "../policy/forecast.ts";
import type { AccountView, Evidence, Observation, PolicySettings } from "../policy/model.ts";
import type { Spending } from "../policy/spending.ts";
import { answeredKey, META } from "../store/meta.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { Store } from "../store/store.ts";
import type { UsageRow } from "../store/usage.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import { readHeld } from "../switchover/held.ts";
import type { Fleet } from "./fleet.ts";
import { pinnedTo } from "./pin.ts";
import { BY_OPERATOR, paidUntilOf } from "./quarantine.ts";
import { keptSessions } from "./kept.ts";

/** What the disk says of an account's home, looked up beforehand. */
export interface HomeLook {
  readonly loggedIn: boolean;
  readonly linkProblem: string | null;
  readonly identityProblem: string | null;
}

/** The frozen look at the world that `decide` gets. Reads the store; changes nothing. */
export function observe(options: {
  config: Config;
  store: Store;
  /** The name of the slot that it is about. */
  slot: string;
  active: string;
  cutOff: readonly Evidence[];
  homes: ReadonlyMap<string, HomeLook>;
  fleet: Pick<Fleet, "get" | "list" | "models">;
  /** A turn has just ended. */
  turnEnded: boolean;
  spending: Spending;
  now: number;
  refused: readonly string[];
  slotProblem: string | null;
}): Observation {
  const { config, store, slot, active, cutOff, homes, fleet, now } = options;
  const accounts = preferring(slotNamed(config, slot).account, accountViews(config, store, homes));
  return {
    active,
    accounts,
    evidence: cutOff,
    limit: limitOf(
      accounts.find(({ name }) => name === active),
      options,
    ),
    paused: isPaused(store),
    held: readHeld(store)?.message ?? null,
    switchoverOpen: isInTheWay(store.switchovers.open(), slot),
    slotProblem: options.slotProblem,
    // The cooldown counts from the last switch that we decided; an operator's own starts none.
    lastSwitchAt: store.switchovers.lastAutomaticAt(slot),
    activeSince: store.periods.of(slot).active()?.fromAt ?? 0,
    pinned: pinnedTo(store, slot),
    atTurnEnd: options.turnEnded || !fleet.list(slot).some(({ live }) => live.state === "working"),
    models: fleet.models(slot),
    spending: options.spending.of(active, now, () => heardOf(store, active, now).usage),
    jitterMs: jitterMs(store),
    answered: store.meta.get(answeredKey(slot)),
    refused: options.refused,
  };
}

/** What another slot's switchover still has to do after its flip, which is verified, is about its sessions alone. */
function isInTheWay(open: SwitchoverEntry | null, slot: string): boolean {
  return open !== null && (open.slotName === slot || open.stage !== "continuing");
}

/**
 * What exhausted the account, while that lasts: many a refusal may be kept of one that is not. A session
 * that an operator asked to leave alone moves nobody.
 */
function limitOf(
  account: AccountView | undefined,
  known: { readonly store: Store; readonly fleet: Pick<Fleet, "get">; readonly now: number },
): Evidence | null {
  const { store, fleet, now } = known;
  if (account === undefined || (account.exhaustedUntil ?? 0) + MOST_JITTER_MS <= now) return null;
  const limit = store.evidence.lastLimitOf(account.name);
  return limit !== null && fleet.get(limit.session)?.held === true ? null : limit;
}

/** The part of the configuration that `decide` goes by. */
export function policySettings({ policy }: Config): PolicySettings {
  const { mode, candidate, cooldownMs, failback, overage, accountTrouble } = policy;
  return { mode, candidate, cooldownMs, failback, overage, accountTrouble };
}

/** Several machines may wait for the reset of one account; each waits a little differently. */
const MOST_JITTER_MS = 2_000;

/** Draws this installation's jitter, once and for all; `random` gives a number in [0, 1). */
export function drawJitter({ meta }: Store, random: () => number): void {
  if (meta.get(META.jitter) === null) meta.set(META.jitter, String(random()));
}

/** How long this installation waits after a reset (ms). */
export function jitterMs(store: Store): number {
  return Math.round(Number(store.meta.get(META.jitter) ?? 0) * MOST_JITTER_MS);
}

export function accountView(
  account: AccountConfig,
  known: {
    readonly row: AccountRow | undefined;
    readonly look: HomeLook | undefined;
    readonly paidUntil: number | null;
  },
): AccountView {
  const { row, look, paidUntil } = known;
  const quarantine = row?.quarantine ?? null;
  return {
    name: account.name,
    priority: account.priority,
    ceiling: account.ceiling,
    exhaustedUntil: row?.exhaustedUntil ?? null,
    quarantined: quarantine?.text ?? null,
    diedAt: quarantine === null || quarantine.code === BY_OPERATOR ? null : quarantine.at,
    paidUntil,
    loggedIn: look?.loggedIn ?? false,
    linkProblem: look?.linkProblem ?? null,
    identityProblem: look?.identityProblem ?? null,
    windows: row?.windows ?? [],
  };
}

const DAY_MS = 86_400_000;

/** What was heard of an account lately: what its forecasts and its conflicts stand on. */
export function heardOf(
  store: Store,
  account: string,
  now: number,
): { readonly usage: UsageRow[]; readonly evidence: Evidence[] } {
  return {
    usage: store.usage.recent(account, now - FORECAST_MS),
    evidence: store.evidence.ofAccount(account, now - DAY_MS),
  };
}

/** The registry also remembers sessions that are configured no more. */
export function configuredSessions(store: Store, config: Config): SessionSeen[] {
  const names = new Set(keptSessions(store, config).map(({ name }) => name));
  const activeIn = new Map<string, string | null>();
  const nextOf = (slot: string): string | null => {
    const known = activeIn.get(slot) ?? store.periods.of(slot).active()?.account ?? null;
    activeIn.set(slot, known);
    return known;
  };
  const tasks = new Map(store.tasks.active().map(({ id, session }) => [session, id]));
  return store.sessions
    .list()
    .filter(({ name }) => names.has(name))
    .map((row) => ({
      row,
      care: store.sessionCare.get(row.name),
      task: tasks.get(row.name) ?? null,
      nextAccount: nextOf(row.slot),
    }));
}

export function isPaused(store: Store): boolean {
  return store.meta.get(META.paused) !== null;
}

/** A slot that is configured to start at an account prefers that one to every other. */
export function preferring(account: string | null, views: readonly AccountView[]): AccountView[] {
  return views.map((view) => (view.name === account ? { ...view, priority: -1 } : view));
}

/** Every account as the policy sees it. */
export function accountViews(
  config: Config,
  store: Store,
  homes: ReadonlyMap<string, HomeLook>,
): AccountView[] {
  const rows = new Map(store.accounts.list().map((row) => [row.name, row]));
  return config.accounts.map((account) =>
    accountView(account, {
      row: rows.get(account.name),
      look: homes.get(account.name),
      paidUntil: paidUntilOf(store, account.name),
    }),
  );
}
