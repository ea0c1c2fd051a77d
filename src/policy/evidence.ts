import type { Evidence, LimitWindow, Refusal, RefusalClass } from "./model.ts";

/**
 * Both channels of one refusal tell within this time (measured: 0.1 s, a loaded machine more); what
 * is older than that is old news.
 */
export const SAME_REFUSAL_MS = 60_000;
/** Resets that differ by less are one: the client writes whole minutes. */
export const SAME_RESET_MS = 60_000;

/**
 * Whether one piece of evidence may move the fleet by itself. A transcript row and a hook are
 * written by the client about its own request; text on a screen may be anybody's words.
 */
export function isAuthoritative(evidence: Evidence): boolean {
  switch (evidence.channel) {
    case "row":
    case "hook":
      return true;
    case "statusline":
    case "pane":
    case "exit":
      return false;
  }
}

/** Whether it is authoritative evidence of a usage limit of `account`. */
export function isLimitOf(item: Evidence, account: string): boolean {
  return item.account === account && item.refusal.class === "usageLimit" && isAuthoritative(item);
}

/**
 * The account a refused request was made under, or null when that cannot be said yet. A request
 * belongs to the account that was active when it was made, not when it was refused, unless only the
 * next one can have refused it so; without the row's own time the prompt's is enough as long as no
 * flip came after it, or where the refusal only repeats the limit for which the fleet was flipped.
 */
export function chargedAccount(options: {
  /** When the request was made, if a row says so (epoch ms). */
  readonly requestedAt: number | null;
  /** When the turn's prompt was submitted, if known (epoch ms). */
  readonly promptAt: number | null;
  readonly periods: readonly Period[];
  readonly refused?: Refused;
}): string | null {
  const { requestedAt, promptAt, periods, refused } = options;
  if (requestedAt !== null) {
    const account = accountAt(periods, requestedAt);
    const isOthers = account !== null && refused !== undefined && cannotBeOf(account, refused);
    return isOthers ? accountAt(periods, refused.at) : account;
  }
  const last = periods.at(-1);
  if (promptAt === null || last === undefined) return null;
  if (promptAt >= last.fromAt) return last.account;
  const left = periods.at(-2);
  if (refused === undefined || left === undefined || promptAt < left.fromAt) return null;
  return refused.at - last.fromAt <= IN_FLIGHT_MS && tellsKnownLimit(refused, left)
    ? left.account
    : null;
}

/** A turn by its prompt, and a moment of it (epoch ms). */
interface TurnMoment {
  readonly promptId: string | null;
  readonly at: number;
}

/**
 * Whether a refusal that a hook told is of a turn before that of the session's last prompt: it was
 * read late, and under which account its request was made cannot be said by the time of that prompt,
 * nor by its own, as a flip may have come between. Its row says it.
 */
export function isOfEarlierTurn(refused: TurnMoment, prompt: TurnMoment | null): boolean {
  if (prompt === null) return false;
  const isToldById = refused.promptId !== null && prompt.promptId !== null;
  return isToldById ? refused.promptId !== prompt.promptId : refused.at < prompt.at;
}

/** A refusal, and what is known of accounts. Times are epoch ms, null for what nobody told. */
interface Refused {
  readonly refusal: Refusal;
  /** When it was refused. */
  readonly at: number;
  /** Until when an account is known to be exhausted. */
  readonly exhaustedUntil: (account: string) => number | null;
  /** When a window of an account is known to be reset. */
  readonly resetOf: (account: string, window: LimitWindow) => number | null;
}

/**
 * Whether an account does not refuse so. A window that runs keeps its reset; and an account that is
 * spent says that, and not that its login is dead. The client reads the login after it has written the
 * prompt: a flip in between gives the request to the next account (measured: up to 0.7 s).
 */
function cannotBeOf(account: string, refused: Refused): boolean {
  const { refusal, at } = refused;
  if (refusal.class !== "usageLimit")
    return !OF_THE_REQUEST.has(refusal.class) && (refused.exhaustedUntil(account) ?? 0) > at;
  const { window, resetsAt } = refusal;
  const known = window === null ? null : refused.resetOf(account, window);
  if (known === null || resetsAt === null || known <= at) return false;
  return Math.abs(known - resetsAt) > SAME_RESET_MS;
}

const OF_THE_REQUEST: ReadonlySet<RefusalClass> = new Set(["contextOrRequest", "unknown"]);

/** A request older than a flip is refused within this, or it is none of before the flip. */
const IN_FLIGHT_MS = 5_000;

/**
 * Whether it repeats the limit that is known of the account just left: that of the rest of the fleet,
 * whose requests were on their way when the link was flipped. Its row comes 0.1 to 0.2 s later
 * (measured), and nothing is lost where it names the new account: that one is charged then.
 */
function tellsKnownLimit({ refusal, at, exhaustedUntil }: Refused, left: Period): boolean {
  const until = exhaustedUntil(left.account);
  if (refusal.class !== "usageLimit" || until === null || until <= at) return false;
  return refusal.resetsAt === null || Math.abs(refusal.resetsAt - until) <= SAME_RESET_MS;
}

/**
 * The account whose percentages a session shows at `shownAt`: that of its last answered request, made
 * at `requestedAt` (both epoch ms). Null when another one became active in between: then an answer
 * under either may be what is shown.
 */
export function readingAccount(options: {
  readonly requestedAt: number;
  readonly shownAt: number;
  readonly periods: readonly Period[];
}): string | null {
  const { requestedAt, shownAt, periods } = options;
  const isBetween = ({ fromAt }: Period) => fromAt > requestedAt && fromAt <= shownAt;
  return periods.some(isBetween) ? null : accountAt(periods, requestedAt);
}

/** From when an account was the active one; in order of time. */
export interface Period {
  readonly account: string;
  readonly fromAt: number;
}

function accountAt(periods: readonly Period[], at: number): string | null {
  return (periods.findLast((period) => period.fromAt <= at) ?? periods[0])?.account ?? null;
}
