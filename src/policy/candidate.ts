import { aheadOfWeek, lastsMs } from "./forecast.ts";
import type {
  AccountLimitations,
  AccountView,
  CandidateRule,
  Limitation,
  LimitWindow,
  Observation,
  Overage,
  WindowUsage,
} from "./model.ts";
import { rfc3339 } from "./rfc3339.ts";
import { ceilingOf, isInUse, usedAt } from "./windows.ts";

/** What counts for whether an account may take over, beside the account itself. */
export interface CandidateLook extends Partial<
  Pick<Observation, "spending" | "models" | "jitterMs" | "refused">
> {
  readonly active: string;
  /** Epoch ms. */
  readonly now: number;
  readonly overage?: Overage;
}

/** An account that would be spent sooner than this is no help. */
const NEARLY_MS = 5 * 60_000;
/** The same where no pace is known; percent. */
const NEARLY_FULL = 99;
/** So many points below its ceilings an account must be, so that nobody leaves it again at once. */
const HYSTERESIS = 5;

/** Every reason why `account` may not take over; none means it is a candidate. */
export function limitationsOf(account: AccountView, look: CandidateLook): Limitation[] {
  const { active, now, overage = "avoid" } = look;
  const found: Limitation[] = [];
  if (account.name === active)
    found.push({ code: "isActive", text: "it is the active account already" });
  if (account.quarantined !== null)
    found.push({ code: "quarantined", text: `it is quarantined: ${account.quarantined}` });
  if (!account.loggedIn) found.push({ code: "loggedOut", text: "its home holds no login" });
  if (account.linkProblem !== null) found.push({ code: "linksBroken", text: account.linkProblem });
  if (account.identityProblem !== null)
    found.push({ code: "identityChanged", text: account.identityProblem });
  const { exhaustedUntil, paidUntil } = account;
  if (exhaustedUntil !== null && exhaustedUntil + (look.jitterMs ?? 0) > now)
    found.push({ code: "exhausted", text: `it is exhausted until ${rfc3339(exhaustedUntil)}` });
  if (overage === "avoid" && paidUntil !== null && paidUntil > now)
    found.push({ code: "paidUsage", text: `it is on paid usage until ${rfc3339(paidUntil)}` });
  const nearly = nearlySpent(account, look);
  if (nearly !== null) found.push({ code: "nearlySpent", text: nearly });
  return [...found, ...ofWindows(account, look)];
}

/** What stands against single windows, and counts only while another account has nothing so. */
function ofWindows(account: AccountView, { models = [], now }: CandidateLook): Limitation[] {
  return account.windows.flatMap((usage): Limitation[] => {
    const { window } = usage;
    const until = usage.exhaustedUntil ?? 0;
    if (until > now && isInUse(window, models))
      return [{ code: "modelSpent", text: `its ${window} is exhausted until ${rfc3339(until)}` }];
    const ceiling = ceilingOf(account, window, models);
    const used = usedAt(usage, now);
    if (ceiling === null || used === null || used < ceiling) return [];
    const text = `its ${window} window is at ${used} %, its ceiling is ${ceiling} %`;
    return [{ code: "aboveCeiling", text }];
  });
}

function nearlySpent(account: AccountView, { spending = [], now }: CandidateLook): string | null {
  const lasts = lastsMs(account.windows, spending, now);
  if (lasts !== null && lasts < NEARLY_MS)
    return `it would be spent in ${Math.floor(lasts / 60_000)} min at the present pace`;
  const full = account.windows.find(
    (usage) =>
      (usage.window === "fiveHour" || usage.window === "weekly") &&
      (usedAt(usage, now) ?? 0) >= NEARLY_FULL &&
      !spending.some(({ window }) => window === usage.window),
  );
  return full === undefined
    ? null
    : `its ${full.window} window is at ${full.usedPercent ?? 0} %, which is spent in minutes`;
}

/** Who may be chosen, and how. */
export interface Choice {
  readonly accounts: readonly AccountView[];
  readonly rule: CandidateRule;
  /**
   * `strict`: only who has room below every ceiling, as when nothing forces a move. Otherwise one
   * above a ceiling, or with one model spent, is better than none.
   */
  readonly strict: boolean;
  /** What stands against each of `accounts`, in their order, where it is known already. */
  readonly known?: readonly AccountLimitations[];
  /** A window that must not be spent, because it is why the fleet leaves. */
  readonly needs?: LimitWindow | null;
}

/** The account to move to, or null. Ties go to the higher priority, then to the name. */
export function pickCandidate(choice: Choice, look: CandidateLook): AccountView | null {
  const { accounts, rule, known, needs = null } = choice;
  const able = accounts
    .map((account, index) => ({
      account,
      limitations: known?.[index]?.limitations ?? limitationsOf(account, look),
    }))
    .filter(({ account }) => needs === null || !isSpent(account, needs, look.now))
    .filter(({ limitations }) => limitations.every(({ code }) => SOFT.has(code)));
  const willing = able.filter(({ account }) => look.refused?.includes(account.name) !== true);
  const first = eligible(willing, choice, look);
  const ranked = (first.length > 0 ? first : eligible(able, choice, look))
    .map(({ account }) => ({ account, rank: rankOf(account, rule, look) }))
    .toSorted(
      (a, b) =>
        compare(a.rank, b.rank) ||
        a.account.priority - b.account.priority ||
        (a.account.name < b.account.name ? -1 : 1),
    );
  return ranked[0]?.account ?? null;
}

interface Able {
  readonly account: AccountView;
  readonly limitations: readonly Limitation[];
}

function eligible(
  able: readonly Able[],
  { strict }: Pick<Choice, "strict">,
  look: CandidateLook,
): readonly Able[] {
  const free = able.filter(({ limitations }) => limitations.length === 0);
  if (strict) return free.filter(({ account }) => hasRoom(account, look));
  return free.length > 0 ? free : able;
}

const SOFT: ReadonlySet<string> = new Set(["aboveCeiling", "modelSpent"]);

function isSpent(account: AccountView, window: LimitWindow, now: number): boolean {
  return account.windows.some((each) => each.window === window && (each.exhaustedUntil ?? 0) > now);
}

/** Whether nobody would leave the account again at once. */
export function hasRoom(account: AccountView, { models = [], now }: CandidateLook): boolean {
  return account.windows.every((usage) => {
    const ceiling = ceilingOf(account, usage.window, models);
    return ceiling === null || (usedAt(usage, now) ?? 0) <= ceiling - HYSTERESIS;
  });
}

/** Lower is better, the first difference counts. */
function rankOf(account: AccountView, rule: CandidateRule, look: CandidateLook): number[] {
  const { windows, priority } = account;
  const { now } = look;
  switch (rule) {
    case "priority":
      return [priority];
    case "mostHeadroom":
      return [-headroomMs(account, look), aheadOfWeek(windows, now), mostUsed(windows, now)];
    case "soonestReset":
      return [resetOf(windows, "weekly", now), resetOf(windows, "fiveHour", now)];
  }
}

/** How long it lasts at the present pace, ms; what nobody told of a window counts as unused. */
function headroomMs({ windows }: AccountView, { spending = [], now }: CandidateLook): number {
  const all = spending.map(
    ({ window }): WindowUsage =>
      windows.find((each) => each.window === window && usedAt(each, now) !== null) ?? {
        window,
        usedPercent: 0,
        resetsAt: null,
      },
  );
  return Math.min(lastsMs(all, spending, now) ?? LONG_MS, LONG_MS);
}

/** Longer than this makes no difference: what counts then is whose week would be lost. */
const LONG_MS = 5 * 3_600_000;

function mostUsed(windows: readonly WindowUsage[], now: number): number {
  return Math.max(0, ...windows.map((usage) => usedAt(usage, now) ?? 0));
}

/** When the window is reset next; what nobody told comes last. */
function resetOf(windows: readonly WindowUsage[], window: LimitWindow, now: number): number {
  const at = windows.find((each) => each.window === window)?.resetsAt ?? null;
  return at === null || at <= now ? Number.MAX_SAFE_INTEGER : at;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
