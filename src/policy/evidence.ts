import type { Evidence, Refusal } from "./model.ts";

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
 * belongs to the account that was active when it was made, not when it was refused; without the
 * row's own time the prompt's is enough as long as no flip came after it, or where the refusal only
 * repeats the limit for which the fleet was flipped.
 */
export function chargedAccount(options: {
  /** When the request was made, if a row says so (epoch ms). */
  readonly requestedAt: number | null;
  /** When the turn's prompt was submitted, if known (epoch ms). */
  readonly promptAt: number | null;
  readonly periods: readonly Period[];
  /** What no row told yet. */
  readonly untold?: UntoldRefusal;
}): string | null {
  const { requestedAt, promptAt, periods, untold } = options;
  if (requestedAt !== null) return accountAt(periods, requestedAt);
  const last = periods.at(-1);
  if (promptAt === null || last === undefined) return null;
  if (promptAt >= last.fromAt) return last.account;
  const left = periods.at(-2);
  if (untold === undefined || left === undefined || promptAt < left.fromAt) return null;
  return untold.at - last.fromAt <= IN_FLIGHT_MS && tellsKnownLimit(untold, left)
    ? left.account
    : null;
}

/** A refusal of which only a hook told yet. */
interface UntoldRefusal {
  readonly refusal: Refusal;
  /** When it was refused, epoch ms. */
  readonly at: number;
  /** Until when (epoch ms) an account is known to be exhausted, or null. */
  readonly exhaustedUntil: (account: string) => number | null;
}

/** A request older than a flip is refused within this, or it is none of before the flip. */
const IN_FLIGHT_MS = 5_000;

/**
 * Whether it repeats the limit that is known of the account just left: that of the rest of the fleet,
 * whose requests were on their way when the link was flipped. Its row comes 0.1 to 0.2 s later
 * (measured), and nothing is lost where it names the new account: that one is charged then.
 */
function tellsKnownLimit({ refusal, at, exhaustedUntil }: UntoldRefusal, left: Period): boolean {
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
