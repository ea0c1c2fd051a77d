import { SHARED_SLOT } from "../policy/slot.ts";
import { atomically, prepare, type Connection } from "./statement.ts";

/** From when to when an account was the active one; `toAt: null` is the active account now. */
export interface AccountPeriod {
  readonly account: string;
  readonly fromAt: number;
  readonly toAt: number | null;
}

/** Which account was active in one slot when. One period is open once the first one has begun. */
export interface AccountPeriods {
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
}

/** The periods of the shared slot, and through `of` those of every one. */
export interface AccountPeriodsTable extends AccountPeriods {
  /** The periods of the slot of this name. */
  of(slot: string): AccountPeriods;
}

const COLUMNS = "account, from_at AS fromAt, to_at AS toAt";

export function accountPeriodsTable(db: Connection): AccountPeriodsTable {
  const active = prepare<AccountPeriod>(
    db,
    `SELECT ${COLUMNS} FROM account_periods WHERE slot = @slot AND to_at IS NULL`,
  );
  const at = prepare<AccountPeriod>(
    db,
    `SELECT ${COLUMNS} FROM account_periods WHERE slot = @slot AND from_at <= @at
     ORDER BY from_at DESC, id DESC LIMIT 1`,
  );
  const list = prepare<AccountPeriod>(
    db,
    `SELECT ${COLUMNS} FROM account_periods WHERE slot = @slot ORDER BY id`,
  );
  const writesOf = periodWrites(db, (slot) => active.get({ slot }) ?? null);
  const of = (slot: string): AccountPeriods => ({
    active: () => active.get({ slot }) ?? null,
    accountAt: (epochMs) => at.get({ slot, at: epochMs })?.account ?? null,
    ...writesOf(slot),
    list: () => list.all({ slot }),
  });
  return { ...of(SHARED_SLOT), of };
}

function periodWrites(
  db: Connection,
  activeIn: (slot: string) => AccountPeriod | null,
): (slot: string) => Pick<AccountPeriods, "begin" | "excursion"> {
  const close = prepare(
    db,
    "UPDATE account_periods SET to_at = @at WHERE slot = @slot AND to_at IS NULL",
  );
  const open = prepare(
    db,
    `INSERT INTO account_periods (slot, account, from_at, to_at)
     VALUES (@slot, @account, @fromAt, @toAt)`,
  );
  return (slot) => {
    // A clock that was set back must not make a period end before it began.
    const notBefore = (at: number): number => Math.max(at, activeIn(slot)?.fromAt ?? at);
    const begin = (account: string, wanted: number): void => {
      if (activeIn(slot)?.account === account) return;
      const at = notBefore(wanted);
      close.run({ slot, at });
      open.run({ slot, account, fromAt: at, toAt: null });
    };
    const excursion = (account: string, fromWanted: number, toWanted: number): void => {
      const stays = activeIn(slot);
      if (stays === null || stays.account === account) return;
      const fromAt = notBefore(fromWanted);
      const toAt = Math.max(fromAt, toWanted);
      close.run({ slot, at: fromAt });
      open.run({ slot, account, fromAt, toAt });
      open.run({ slot, account: stays.account, fromAt: toAt, toAt: null });
    };
    return {
      begin: (account, at) => atomically(db, () => begin(account, at)),
      excursion: (account, fromAt, toAt) => atomically(db, () => excursion(account, fromAt, toAt)),
    };
  };
}
