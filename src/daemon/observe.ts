import type { SessionSeen } from "../api/session-view.ts";
import type { AccountConfig, Config } from "../config/config.ts";
import { FORECAST_MS } from "../policy/forecast.ts";
import type { AccountView, Evidence, Observation } from "../policy/model.ts";
import { META } from "../store/meta.ts";
import { wantedSessions } from "../sessions/wanted.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { Store } from "../store/store.ts";
import type { UsageRow } from "../store/usage.ts";
import { readHeld } from "../switchover/held.ts";

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
  active: string;
  cutOff: readonly Evidence[];
  homes: ReadonlyMap<string, HomeLook>;
}): Observation {
  const { config, store, active, cutOff, homes } = options;
  const known = new Map(store.accounts.list().map((row) => [row.name, row]));
  return {
    active,
    accounts: config.accounts.map((account) =>
      accountView(account, known.get(account.name), homes.get(account.name)),
    ),
    evidence: cutOff,
    paused: isPaused(store),
    held: readHeld(store)?.message ?? null,
    switchoverOpen: store.switchovers.open() !== null,
    // The cooldown counts from the last switch that we decided; an operator's own starts none.
    lastSwitchAt: store.switchovers.lastAutomaticAt(),
  };
}

export function accountView(
  account: AccountConfig,
  row: AccountRow | undefined,
  look: HomeLook | undefined,
): AccountView {
  return {
    name: account.name,
    priority: account.priority,
    ceiling: account.ceiling,
    exhaustedUntil: row?.exhaustedUntil ?? null,
    quarantined: row?.quarantine?.text ?? null,
    loggedIn: look?.loggedIn ?? false,
    linkProblem: look?.linkProblem ?? null,
    identityProblem: look?.identityProblem ?? null,
    windows: row?.windows ?? [],
  };
}

/** The readings that a forecast of the account's windows stands on. */
export function recentUsage(store: Store, account: string, now: number): UsageRow[] {
  return store.usage.recent(account, now - FORECAST_MS);
}

/** The registry also remembers sessions that are configured no more. */
export function configuredSessions(store: Store, config: Config): SessionSeen[] {
  const names = new Set(wantedSessions(config).map(({ name }) => name));
  const tasks = new Map(store.tasks.active().map(({ id, session }) => [session, id]));
  return store.sessions
    .list()
    .filter(({ name }) => names.has(name))
    .map((row) => ({
      row,
      care: store.sessionCare.get(row.name),
      task: tasks.get(row.name) ?? null,
    }));
}

export function isPaused(store: Store): boolean {
  return store.meta.get(META.paused) !== null;
}
