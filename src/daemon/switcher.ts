import { acquireClientLocks } from "../accounts/client-locks.ts";
import { ensureHome } from "../accounts/shared-links.ts";
import { problemText } from "../accounts/shared-problems.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { slotNamed, slotsInUse } from "../config/slots.ts";
import { FailoverError } from "../errors.ts";
import type { Json } from "../store/json.ts";
import type { Store } from "../store/store.ts";
import type { SwitchoverCause } from "../store/switchovers.ts";
import type { ContinueSessions, SwitchoverDeps } from "../switchover/deps.ts";
import { beginSwitchover, refusedAtOnce, type CarryOut } from "../switchover/execute.ts";
import { lookForPlan } from "../switchover/look.ts";
import {
  refusalOf,
  type CheckResult,
  type HomeLocks,
  type SessionToContinue,
  type SwitchoverRefusal,
} from "../switchover/model.ts";
import { bringApprovals } from "./client-states.ts";
import { hasLogin } from "./homes.ts";
import { planSwitchover, type PlanResult } from "../switchover/plan.ts";
import { recover, type RecoveryReport } from "../switchover/recover.ts";

export interface SwitchRequest {
  /** The name of the slot that moves. */
  readonly slot: string;
  readonly cause: SwitchoverCause;
  readonly to: string;
  readonly trigger: Json;
  readonly sessions: readonly SessionToContinue[];
}

export interface SwitcherOptions {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly continueSessions: ContinueSessions;
  readonly identityOf: (account: string) => string | null;
  /** HOME, absolute. */
  readonly home: string;
  readonly platform: string;
  readonly onFault: (what: string, thrown: unknown) => void;
}

/** Joins the switchover with the accounts: what the daemon asks for, this carries out. */
export class Switcher {
  readonly #options: SwitcherOptions;

  constructor(options: SwitcherOptions) {
    this.#options = options;
  }

  /** The exact steps, or why it is refused. Changes nothing. */
  plan(request: SwitchRequest): PlanResult {
    const { config, store } = this.#options;
    const context = lookForPlan({
      store,
      slot: slotNamed(config, request.slot),
      accounts: config.accounts,
      to: request.to,
      // The cooldown is the policy's: what arrives here is decided already.
      cooldownUntil: null,
    });
    return planSwitchover(request, context);
  }

  /** Plans it and writes it down, as a part of the caller's transaction; see `beginSwitchover`. */
  begin(request: SwitchRequest): CarryOut {
    const planned = this.plan(request);
    if (planned.refused !== null) return refusedAtOnce(planned.refused);
    return beginSwitchover(planned.plan, this.#deps());
  }

  /** Ends what a dead process left open; see switchover/recover. */
  async recover(options: { dryRun: boolean; continueSessions: boolean }): Promise<RecoveryReport> {
    const { config, store } = this.#options;
    const { continueSessions, ...deps } = this.#deps();
    return recover({
      ...deps,
      ...(options.continueSessions ? { continueSessions } : {}),
      slots: slotsInUse(config, store.sessions.list()),
      accounts: config.accounts,
      dryRun: options.dryRun,
    });
  }

  /** From memory and by `lstat`: this is asked while the client's locks are held. */
  #checkIdentity(home: string): CheckResult {
    const { config, identityOf } = this.#options;
    const account = config.accounts.find((each) => each.home === home);
    const problem = account === undefined ? null : identityOf(account.name);
    if (problem !== null)
      return { refused: refusalOf(new FailoverError("CF_ACCOUNT_IDENTITY", problem)) };
    if (hasLogin(home)) return { refused: null };
    const message = `The home ${home} holds no login.`;
    return { refused: refusalOf(new FailoverError("CF_ACCOUNT_LOGGED_OUT", message)) };
  }

  #deps(): SwitchoverDeps {
    const { store, clock, signal, continueSessions, config } = this.#options;
    return {
      store,
      clock,
      signal,
      continueSessions,
      homes: config.accounts.map(({ home }) => home),
      lockHomes: async (homes) => lockHomes({ homes, clock, signal }),
      ensureLinks: async (home) => ensureLinks(home, config),
      checkIdentity: async (home) => Promise.resolve(this.#checkIdentity(home)),
      bringAlong: async ({ slotName, ...homes }) =>
        bringApprovals(slotName, homes, this.#options).catch((thrown: unknown) =>
          this.#options.onFault("client state", thrown),
        ),
    };
  }
}

async function lockHomes(options: {
  homes: readonly string[];
  clock: Clock;
  signal: AbortSignal;
}): Promise<HomeLocks | { readonly refused: SwitchoverRefusal }> {
  const locks = await acquireClientLocks(options);
  if (locks.busy === null) return { ...locks, refused: null };
  const { holder } = locks.busy;
  const message = `A login is being refreshed: ${holder}.`;
  return { refused: refusalOf(new FailoverError("CF_SWITCHOVER_LOCKED", message)) };
}

async function ensureLinks(home: string, config: Config): Promise<CheckResult> {
  const { links, root } = config.shared;
  const report = await ensureHome({ home, links, root });
  const first = report.problems[0];
  if (first === undefined) return { refused: null, detail: { created: [...report.created] } };
  return { refused: refusalOf(new FailoverError("CF_ACCOUNT_HOMES", problemText(first))) };
}
