import type { AccountView, LimitWindow } from "../policy/model.ts";
import type { WindowSample } from "../policy/spending.ts";
import type { SimulatedAccount, SimulatedPolicy } from "./model.ts";

const FIVE_HOURS_MS = 5 * 3_600_000;
const WEEK_MS = 168 * 3_600_000;
/** So much below 100 % is full: sums of fractions do not meet it exactly. */
const ROUNDING = 1e-6;

interface Window {
  used: number;
  /** When it is reset; Infinity: it begins with the next request. */
  endsAt: number;
  /** Points a millisecond of all that runs. */
  rate: number;
}

/** What a forecast looks back on, and how far apart the readings are that it gets. */
const LOOK_BACK = { fiveHour: 2 * 3_600_000, weekly: 25 * 3_600_000 };
const APART_MS = 5 * 60_000;

/** What something costs, in points, and how long it takes to cost that. */
export interface Cost {
  readonly ms: number;
  readonly fiveHour: number;
  readonly weekly: number;
}

/** One account's allowance, as the vendor keeps it, and what a client would tell of it. */
export class AccountUsage {
  readonly account: SimulatedAccount;
  exhaustedUntil: number | null = null;
  /** Points of five-hour windows used so far, and how many of them at a price. */
  usedPoints = 0;
  paidPoints = 0;
  readonly #fiveHour: Window = { used: 0, endsAt: Infinity, rate: 0 };
  readonly #weekly: Window;
  #running = 0;
  #at: number;
  #told: AccountView["windows"] = [];
  #readings: { readonly at: number; readonly told: AccountView["windows"] }[] = [];

  constructor(account: SimulatedAccount, from: number) {
    this.account = account;
    this.#at = from;
    const weeks = Math.floor((from - account.weeklyResetAt) / WEEK_MS) + 1;
    this.#weekly = { used: 0, endsAt: account.weeklyResetAt + weeks * WEEK_MS, rate: 0 };
  }

  /** Something begins to run; so does a five-hour window, when none does. */
  begin(cost: Cost, now: number): void {
    this.#goOn(now);
    if (this.#fiveHour.endsAt === Infinity) this.#fiveHour.endsAt = now + FIVE_HOURS_MS;
    this.#change(cost, 1);
  }

  /** It runs no more, whether it is done or not. */
  end(cost: Cost, now: number): void {
    this.#goOn(now);
    this.#change(cost, -1);
  }

  /** The window that refuses a request at `now`, and until when; null when none does. */
  fullWindow(now: number): { readonly window: LimitWindow; readonly resetsAt: number } | null {
    this.#goOn(now);
    if (this.account.paidUsage) return null;
    const fiveHour = isFull(this.#fiveHour);
    const weekly = isFull(this.#weekly);
    if (!fiveHour && !weekly) return null;
    return weekly && (!fiveHour || this.#weekly.endsAt > this.#fiveHour.endsAt)
      ? { window: "weekly", resetsAt: this.#weekly.endsAt }
      : { window: "fiveHour", resetsAt: this.#fiveHour.endsAt };
  }

  /** When a window may be full at the earliest, as long as nothing begins or ends; Infinity: never. */
  mayBeFullAt(now: number): number {
    if (this.#running === 0 || this.account.paidUsage) return Infinity;
    this.#goOn(now);
    return Math.min(...[this.#fiveHour, this.#weekly].map((window) => this.#edgeOf(window, now)));
  }

  /** An answer came: from now on a client tells these percentages. */
  tell(now: number): void {
    this.#goOn(now);
    this.#told = this.#windows();
    const last = this.#readings.at(-1);
    if (last !== undefined && now - last.at < APART_MS) return;
    if (last !== undefined && now - last.at > LOOK_BACK.weekly) this.#readings = [];
    this.#readings.push({ at: now, told: this.#told });
    if (this.#readings.length > 1_000) this.#readings.splice(0, 500);
  }

  /** What clients told of each window lately, as a forecast takes it. */
  readings(now: number): WindowSample[] {
    return (["fiveHour", "weekly"] as const).flatMap((window, index) =>
      this.#readings
        .filter(({ at }) => at >= now - LOOK_BACK[window])
        .map(({ at, told }) => {
          const { usedPercent = null, resetsAt = null } = told[index] ?? {};
          return { window, at, usedPercent: usedPercent ?? 0, resetsAt };
        }),
    );
  }

  /** What the policy is shown: whole percentages, as they were after the account's last answer. */
  view({ ceiling, knows }: Pick<SimulatedPolicy, "ceiling" | "knows">, now: number): AccountView {
    if (knows === "everything") this.tell(now);
    return {
      name: this.account.name,
      priority: this.account.priority,
      ceiling,
      exhaustedUntil: this.exhaustedUntil,
      quarantined: null,
      diedAt: null,
      paidUntil: null,
      loggedIn: true,
      linkProblem: null,
      identityProblem: null,
      windows: this.#told,
    };
  }

  #windows(): AccountView["windows"] {
    const tell = (window: LimitWindow, { used, endsAt }: Window) => ({
      window,
      usedPercent: Math.round(used),
      resetsAt: endsAt === Infinity ? null : endsAt,
    });
    return [tell("fiveHour", this.#fiveHour), tell("weekly", this.#weekly)];
  }

  #edgeOf({ used, endsAt, rate }: Window, now: number): number {
    if (rate <= 0) return endsAt;
    return Math.min(endsAt, Math.ceil(now + Math.max(0, 100 - used) / rate));
  }

  #change({ ms, fiveHour, weekly }: Cost, sign: 1 | -1): void {
    const each = sign / (ms * this.account.capacity);
    this.#running += sign;
    this.#fiveHour.rate += fiveHour * each;
    this.#weekly.rate += weekly * each;
    // What is left of sums and differences is no use.
    if (this.#running === 0) this.#fiveHour.rate = this.#weekly.rate = 0;
  }

  /** Uses what runs until `now`, window by window. */
  #goOn(now: number): void {
    while (this.#at < now || this.#fiveHour.endsAt <= now || this.#weekly.endsAt <= now) {
      const until = Math.min(now, this.#fiveHour.endsAt, this.#weekly.endsAt);
      this.#use(until - this.#at);
      this.#at = until;
      if (this.#fiveHour.endsAt <= until) {
        this.#fiveHour.used = 0;
        this.#fiveHour.endsAt = this.#running > 0 ? until + FIVE_HOURS_MS : Infinity;
      }
      if (this.#weekly.endsAt <= until) {
        this.#weekly.used = 0;
        this.#weekly.endsAt += WEEK_MS;
      }
    }
  }

  #use(ms: number): void {
    if (ms <= 0 || this.#running === 0) return;
    const windows = [this.#fiveHour, this.#weekly];
    const share = Math.min(1, ...windows.map((each) => (100 - each.used) / (each.rate * ms)));
    for (const window of windows)
      window.used = Math.min(100, window.used + window.rate * ms * share);
    const points = this.#fiveHour.rate * ms * this.account.capacity;
    if (this.account.paidUsage) this.paidPoints += points * (1 - share);
    this.usedPoints += points * (this.account.paidUsage ? 1 : share);
  }
}

function isFull({ used }: Window): boolean {
  return used >= 100 - ROUNDING;
}
