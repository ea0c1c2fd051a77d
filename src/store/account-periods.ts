import { atomically, prepare, type Connection } from "./statement.ts";

/** From when to when an account was the active one; `toAt: null` is the active account now. */
export interface AccountPeriod {
  readonly account: string;
  readonly fromAt: number;
  readonly toAt: number | null;
}

/** Which account was active when. Exactly one period is open once the first one has begun. */
export interface AccountPeriodsTable {
  /** The active account, null before the first one was recorded. */
  active(): AccountPeriod | null;
  /**
   * The account that was active at `epochMs`: to it a request made then is charged. Null before
   * the first period began.
   */
  accountAt(epochMs: number): string | null;
  /** Makes `account` the active one from `at` on. Nothing happens when it already is. */
  begin(account: string, at: number): void;
  /**
   * Records that `account` was in the slot for a while and the active one is active again: a
   * flip that was undone. Requests made in between were made under `account`.
   */
  excursion(account: string, fromAt: number, toAt: number): void;
  /** Oldest first. */
  list(): AccountPeriod[];
  /** Forgets periods that ended before `before`. */
  prune(before: number): number;
}

const COLUMNS = "account, from_at AS fromAt, to_at AS toAt";

export function accountPeriodsTable(db: Connection): AccountPeriodsTable {
  const active = prepare<AccountPeriod>(
    db,
    `SELECT ${COLUMNS} FROM account_periods WHERE to_at IS NULL`,
  );
  const at = prepare<AccountPeriod>(
    db,
    `SELECT ${COLUMNS} FROM account_periods WHERE from_at <= @at ORDER BY from_at DESC, id DESC
     LIMIT 1`,
  );
  const list = prepare<AccountPeriod>(db, `SELECT ${COLUMNS} FROM account_periods ORDER BY id`);
  const prune = prepare(db, "DELETE FROM account_periods WHERE to_at < @before");
  const change = periodWrites(db, () => active.get() ?? null);
  return {
    active: () => active.get() ?? null,
    accountAt: (epochMs) => at.get({ at: epochMs })?.account ?? null,
    ...change,
    list: () => list.all(),
    prune: (before) => prune.run({ before }).changes,
  };
}

function periodWrites(
  db: Connection,
  active: () => AccountPeriod | null,
): Pick<AccountPeriodsTable, "begin" | "excursion"> {
  const close = prepare(db, "UPDATE account_periods SET to_at = @at WHERE to_at IS NULL");
  const open = prepare(
    db,
    "INSERT INTO account_periods (account, from_at, to_at) VALUES (@account, @fromAt, @toAt)",
  );
  // A clock that was set back must not make a period end before it began.
  const notBefore = (at: number): number => Math.max(at, active()?.fromAt ?? at);
  const begin = (account: string, wanted: number): void => {
    if (active()?.account === account) return;
    const at = notBefore(wanted);
    close.run({ at });
    open.run({ account, fromAt: at, toAt: null });
  };
  const excursion = (account: string, fromWanted: number, toWanted: number): void => {
    const stays = active();
    if (stays === null || stays.account === account) return;
    const fromAt = notBefore(fromWanted);
    const toAt = Math.max(fromAt, toWanted);
    close.run({ at: fromAt });
    open.run({ account, fromAt, toAt });
    open.run({ account: stays.account, fromAt: toAt, toAt: null });
  };
  return {
    begin: (account, at) => atomically(db, () => begin(account, at)),
    excursion: (account, fromAt, toAt) => atomically(db, () => excursion(account, fromAt, toAt)),
  };
}
