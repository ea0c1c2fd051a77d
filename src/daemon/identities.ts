import { identityLimitation, type Identity } from "../accounts/identity-answer.ts";
import { identityReader } from "../accounts/identity.ts";
import type { Clock } from "../clock.ts";
import type { AccountConfig, Config } from "../config/config.ts";
import type { Env } from "../config/places.ts";
import type { IdentityRow } from "../store/accounts.ts";
import type { Store } from "../store/store.ts";

export interface IdentitiesOptions {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  /** Absolute path of the client, which alone may say who a home is. */
  readonly claude: string;
  readonly env: Env;
}

/**
 * Who each account home belongs to, asked beforehand and remembered: a switchover only looks the
 * answer up. A home that answers as somebody else than last time, or than configured, may not take
 * over until the operator says so.
 */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #read: (home: string) => Promise<Identity>;
  readonly #problems = new Map<string, string>();

  constructor(options: IdentitiesOptions) {
    const { claude, env, clock } = options;
    this.#options = options;
    this.#read = identityReader({ claude, env, clock });
  }

  /** Why the account may not take over because of who it is, or null. */
  problemOf(account: string): string | null {
    return this.#problems.get(account) ?? null;
  }

  /** Asks every home whose login changed since it was asked last; one after the other. */
  async refresh(): Promise<void> {
    for (const account of this.#options.config.accounts)
      this.#learn(account, await this.#read(account.home));
  }

  #learn(account: AccountConfig, now: Identity): void {
    const { store, clock } = this.#options;
    const row = store.accounts.get(account.name)?.identity ?? null;
    const problem = problemOf(account, row, now);
    const before = this.problemOf(account.name);
    if (problem === null) this.#problems.delete(account.name);
    else this.#problems.set(account.name, problem);
    if (problem !== null && problem !== before)
      store.emit("account.identity", { account: account.name, text: problem });
    if (problem === null && now.kind === "known" && isNews(row, now))
      store.accounts.setIdentity(account.name, { ...now, at: clock.now() });
  }
}

function problemOf(account: AccountConfig, row: IdentityRow | null, now: Identity): string | null {
  const { name, email } = account;
  if (email === null) {
    const stored: Identity | null = row === null ? null : { ...row, kind: "known" };
    const found = identityLimitation({ account: name, stored, now });
    return found?.code === "identityChanged" ? found.text : null;
  }
  if (now.kind === "unknown" || !now.loggedIn || now.email === null) return null;
  return now.email.toLowerCase() === email.toLowerCase()
    ? null
    : `The home of account ${name} answers as ${now.email}; the configuration says ${email}.`;
}

function isNews(row: IdentityRow | null, now: Extract<Identity, { kind: "known" }>): boolean {
  return (
    row === null ||
    row.loggedIn !== now.loggedIn ||
    row.email !== now.email ||
    row.orgId !== now.orgId ||
    row.subscription !== now.subscription
  );
}
