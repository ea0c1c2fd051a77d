import { backoffMs } from "../policy/backoff.ts";

const AGAIN = { baseMs: 2_000, mostMs: 60_000 };

/** Accounts that an automatic switchover did not reach, and when each may be tried again. */
export class RefusedTargets {
  readonly #refused = new Map<string, { readonly attempt: number; readonly until: number }>();

  /** `now` is epoch ms, `random` a number in [0, 1). */
  add(account: string, { now, random }: { now: number; random: number }): void {
    const attempt = (this.#refused.get(account)?.attempt ?? 0) + 1;
    const until = now + backoffMs({ attempt, ...AGAIN, random });
    this.#refused.set(account, { attempt, until });
  }

  /** From when the account may be tried; epoch ms, 0 for at once. */
  notBefore(account: string): number {
    return this.#refused.get(account)?.until ?? 0;
  }

  clear(): void {
    this.#refused.clear();
  }
}
