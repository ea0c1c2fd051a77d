import type { HistoryJson, SessionsJson, StatusJson } from "../api/contract.ts";
import type { CheckpointsJson } from "../api/checkpoint-contract.ts";
import { checkpointsJson } from "../api/checkpoint-view.ts";
import { forensicHistory } from "../api/forensics.ts";
import { sessionsJson } from "../api/session-view.ts";
import { historyJson, statusJson } from "../api/view.ts";
import type { ForensicHistoryJson, WhyJson } from "../api/why-contract.ts";
import { nothingCalled, whyJson } from "../api/why-view.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Places } from "../config/places.ts";
import { clientStatus } from "../daemon/client-versions.ts";
import { lookAtHomes } from "../daemon/homes.ts";
import { accountView, configuredSessions, heardOf, isPaused, jitterMs } from "../daemon/observe.ts";
import { paidUntilOf } from "../daemon/quarantine.ts";
import { slotsSeen } from "../daemon/slots-seen.ts";
import { openStoreForReading, type Store } from "../store/store.ts";
import { readHeld } from "../switchover/held.ts";
import { nodeSlotFs } from "../switchover/slot-fs.ts";
import { isAt, locate } from "../switchover/slot-position.ts";
import { readSlot } from "../switchover/slot.ts";
import { ownVersion } from "../version.ts";

/** What `history` tells without a daemon. */
export async function historyOnDisk(
  places: Places,
  id: number | null,
): Promise<HistoryJson | ForensicHistoryJson> {
  return withStore(places, (store) =>
    id === null
      ? historyJson(store?.switchovers.list(50) ?? [])
      : forensicHistory(store, id, { version: ownVersion(), now: systemClock.now() }),
  );
}

/** What `checkpoint` tells without a daemon. */
export function checkpointsOnDisk(
  places: Places,
  filter: { readonly session: string | null; readonly limit: number },
): CheckpointsJson {
  return withStore(places, (store) => checkpointsJson(store, filter));
}

/** What `why` tells without a daemon. Throws CF_API_REQUEST when nothing is called so. */
export async function whyOnDisk(
  places: Places,
  config: Config,
  word: string | null,
): Promise<WhyJson> {
  const status = await statusOnDisk(places, config);
  const told = withStore(places, (store) =>
    whyJson(word, { store, status, now: systemClock.now() }),
  );
  if (told === null) throw nothingCalled(word ?? "");
  return told;
}

/** What `sessions` tells without a daemon: as the last one left it. */
export async function sessionsOnDisk(places: Places, config: Config): Promise<SessionsJson> {
  return withStore(places, (store) =>
    sessionsJson(store === null ? [] : configuredSessions(store, config), systemClock.now()),
  );
}

/** What `status` tells without a daemon: the link as it is, the rest as it was left. */
export async function statusOnDisk(places: Places, config: Config): Promise<StatusJson> {
  const homes = await lookAtHomes(config, () => null);
  const accounts = locate(config.accounts, nodeSlotFs);
  const activeIn = (_: string, path: string): string | null => {
    const slot = readSlot(path);
    return accounts.find((each) => isAt(slot, each))?.name ?? null;
  };
  return withStore(places, (store) => {
    const rows = new Map(store?.accounts.list().map((row) => [row.name, row]));
    return statusJson({
      daemon: {
        running: false,
        pid: null,
        version: ownVersion(),
        paused: store !== null && isPaused(store),
        startedAt: null,
      },
      slots: slotsSeen(config, store, activeIn),
      held: store === null ? null : readHeld(store),
      config,
      client: store === null ? null : clientStatus(store),
      accounts: config.accounts.map((account) => {
        const row = rows.get(account.name);
        const heard =
          store === null
            ? { usage: [], evidence: [] }
            : heardOf(store, account.name, systemClock.now());
        const paidUntil = store === null ? null : paidUntilOf(store, account.name);
        const look = homes.get(account.name);
        return { view: accountView(account, { row, look, paidUntil }), row, ...heard };
      }),
      sessions: store === null ? [] : configuredSessions(store, config),
      last: store?.switchovers.latest() ?? null,
      jitterMs: store === null ? 0 : jitterMs(store),
      now: systemClock.now(),
    });
  });
}

function withStore<T>(places: Places, read: (store: Store | null) => T): T {
  const store = openStoreForReading(places.database, systemClock);
  try {
    return read(store);
  } finally {
    store?.close();
  }
}
