import { backoffMs } from "../policy/backoff.ts";

const AGAIN = { baseMs: 2_000, mostMs: 60_000 };

interface Refused {
  readonly attempt: number;
  readonly until: number;
  readonly isFault: boolean;
}

/** Accounts that an automatic switchover did not reach, and when each may be tried again. */
export class RefusedTargets {
  readonly #refused = new Map<string, Refused>();

  /** `now` is epoch ms, `random` a number in [0, 1); a fault would meet another account as well. */
  add(
    account: string,
    { now, random, isFault }: { now: number; random: number; isFault: boolean },
  ): void {
    const attempt = (this.#refused.get(account)?.attempt ?? 0) + 1;
    const until = now + backoffMs({ attempt, ...AGAIN, random });
    this.#refused.set(account, { attempt, until, isFault });
  }

  /** From when the account may be tried; epoch ms, 0 for at once. */
  notBefore(account: string): number {
    return this.#refused.get(account)?.until ?? 0;
  }

  /** The accounts that refused themselves and are not to be tried yet at `now` (epoch ms). */
  at(now: number): string[] {
    return [...this.#refused].flatMap(([account, { until, isFault }]) =>
      until > now && !isFault ? [account] : [],
    );
  }

  clear(): void {
    this.#refused.clear();
  }
}
