import type { KnownWindow } from "../policy/exhaustion.ts";
import type { LimitWindow } from "../policy/model.ts";
import { prepare, type Connection } from "./statement.ts";

/** One window of one account. */
export interface AccountWindowRow extends KnownWindow {
  readonly account: string;
}

/** What a status line told of one window. Times are epoch ms. */
export interface WindowReading {
  readonly account: string;
  readonly window: LimitWindow;
  readonly usedPercent: number;
  readonly resetsAt: number | null;
  readonly readAt: number;
}

export interface Quarantine {
  readonly code: string;
  readonly text: string;
  readonly at: number;
}

export interface IdentityRow {
  readonly loggedIn: boolean;
  readonly email: string | null;
  readonly orgId: string | null;
  readonly subscription: string | null;
  readonly at: number;
}

/** What is remembered of one account. Whether it is active says account_periods. */
export interface AccountRow {
  readonly name: string;
  readonly exhaustedUntil: number | null;
  readonly exhaustedWindow: LimitWindow | null;
  readonly quarantine: Quarantine | null;
  readonly identity: IdentityRow | null;
  readonly windows: readonly AccountWindowRow[];
}

/** Writing to an account that is not there yet makes it. */
export interface AccountsTable {
  /** All accounts by name. */
  list(): AccountRow[];
  get(name: string): AccountRow | null;
  /** `until: null` clears it. */
  setExhausted(
    name: string,
    exhausted: { readonly until: number | null; readonly window: LimitWindow | null },
  ): void;
  setQuarantine(name: string, quarantine: Quarantine | null): void;
  setIdentity(name: string, identity: IdentityRow | null): void;
  /** What a refusal told; when it was read last stays. */
  putWindow(window: Omit<AccountWindowRow, "readAt">): void;
  /**
   * What a status line told, unless a later one told already; false when it is no news. It never
   * says that an account is exhausted or is not: while it is, the refusal's own reset stays.
   */
  putReading(reading: WindowReading): boolean;
}

interface RawAccount {
  name: string;
  exhaustedUntil: number | null;
  exhaustedWindow: LimitWindow | null;
  quarantinedCode: string | null;
  quarantinedText: string | null;
  quarantinedAt: number | null;
  loggedIn: number | null;
  email: string | null;
  orgId: string | null;
  subscription: string | null;
  identityAt: number | null;
}

export function accountsTable(db: Connection): AccountsTable {
  const readAccounts = prepare<RawAccount>(
    db,
    `SELECT name, exhausted_until AS exhaustedUntil, exhausted_window AS exhaustedWindow,
       quarantined_code AS quarantinedCode, quarantined_text AS quarantinedText,
       quarantined_at AS quarantinedAt, logged_in AS loggedIn, email, org_id AS orgId,
       subscription, identity_at AS identityAt
     FROM accounts WHERE @name IS NULL OR name = @name ORDER BY name`,
  );
  const readWindows = prepare<AccountWindowRow>(
    db,
    `SELECT account, window, used_percent AS usedPercent, resets_at AS resetsAt,
       exhausted_until AS exhaustedUntil, observed_at AS observedAt, read_at AS readAt
     FROM account_windows WHERE @name IS NULL OR account = @name ORDER BY account, window`,
  );
  const read = (name: string | null): AccountRow[] => {
    const windows = readWindows.all({ name });
    return readAccounts.all({ name }).map((raw) => toAccount(raw, windows));
  };
  return {
    list: () => read(null),
    get: (name) => read(name)[0] ?? null,
    ...accountWrites(db),
  };
}

function toAccount(raw: RawAccount, windows: readonly AccountWindowRow[]): AccountRow {
  return {
    name: raw.name,
    exhaustedUntil: raw.exhaustedUntil,
    exhaustedWindow: raw.exhaustedWindow,
    quarantine:
      raw.quarantinedCode === null
        ? null
        : {
            code: raw.quarantinedCode,
            text: raw.quarantinedText ?? "",
            at: raw.quarantinedAt ?? 0,
          },
    identity:
      raw.identityAt === null
        ? null
        : {
            loggedIn: raw.loggedIn === 1,
            email: raw.email,
            orgId: raw.orgId,
            subscription: raw.subscription,
            at: raw.identityAt,
          },
    windows: windows.filter((window) => window.account === raw.name),
  };
}

function accountWrites(db: Connection): Omit<AccountsTable, "list" | "get"> {
  const ensure = prepare(db, "INSERT INTO accounts (name) VALUES (@name) ON CONFLICT DO NOTHING");
  const upsert = (columns: readonly string[]): ReturnType<typeof prepare> =>
    prepare(
      db,
      `INSERT INTO accounts (name, ${columns.join(", ")})
       VALUES (@name, ${columns.map((column) => `@${column}`).join(", ")})
       ON CONFLICT (name) DO UPDATE SET
       ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`,
    );
  const exhausted = upsert(["exhausted_until", "exhausted_window"]);
  const quarantined = upsert(["quarantined_code", "quarantined_text", "quarantined_at"]);
  const identified = upsert(["logged_in", "email", "org_id", "subscription", "identity_at"]);
  const { putWindow, putReading } = windowWrites(db);
  return {
    setExhausted: (name, { until, window }) =>
      void exhausted.run({
        name,
        exhausted_until: until,
        exhausted_window: until === null ? null : window,
      }),
    setQuarantine: (name, quarantine) =>
      void quarantined.run({
        name,
        quarantined_code: quarantine?.code ?? null,
        quarantined_text: quarantine?.text ?? null,
        quarantined_at: quarantine?.at ?? null,
      }),
    setIdentity: (name, identity) =>
      void identified.run({
        name,
        logged_in: identity === null ? null : Number(identity.loggedIn),
        email: identity?.email ?? null,
        org_id: identity?.orgId ?? null,
        subscription: identity?.subscription ?? null,
        identity_at: identity?.at ?? null,
      }),
    putWindow: (window) => {
      ensure.run({ name: window.account });
      putWindow.run({ ...window });
    },
    putReading: (reading) => {
      ensure.run({ name: reading.account });
      return putReading.run({ ...reading }).changes > 0;
    },
  };
}

/** That a window still is as it was is worth a write a minute. */
const SAME_MS = 60_000;

function windowWrites(db: Connection) {
  const putWindow = prepare(
    db,
    `INSERT INTO account_windows
       (account, window, used_percent, resets_at, exhausted_until, observed_at)
     VALUES (@account, @window, @usedPercent, @resetsAt, @exhaustedUntil, @observedAt)
     ON CONFLICT (account, window) DO UPDATE SET
       used_percent = excluded.used_percent, resets_at = excluded.resets_at,
       exhausted_until = excluded.exhausted_until, observed_at = excluded.observed_at`,
  );
  const putReading = prepare(
    db,
    `INSERT INTO account_windows (account, window, used_percent, resets_at, observed_at, read_at)
     VALUES (@account, @window, @usedPercent, @resetsAt, 0, @readAt)
     ON CONFLICT (account, window) DO UPDATE SET
       used_percent = excluded.used_percent, read_at = excluded.read_at,
       resets_at = CASE WHEN exhausted_until > @readAt AND resets_at IS NOT NULL
         THEN resets_at ELSE excluded.resets_at END
     WHERE read_at IS NULL OR read_at < @readAt - ${SAME_MS}
       OR (read_at < @readAt AND used_percent IS NOT @usedPercent)`,
  );
  return { putWindow, putReading };
}
