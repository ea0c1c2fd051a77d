import type { Clock } from "../clock.ts";
import { asFailoverError, FailoverError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { SwitchoverEntry, SwitchoverSession } from "../store/switchovers.ts";
import {
  refusalOf,
  type CheckResult,
  type HomeLocks,
  type StepName,
  type SwitchoverRefusal,
} from "./model.ts";
import { nodeSlotFs, type SlotFs } from "./slot-fs.ts";

export type StepPhase = "intent" | "effect" | "done";

/** A slot, and the homes that it moves between. */
export type SlotMove = Pick<SwitchoverEntry, "slotName" | "fromHome" | "toHome">;

/** Continues sessions; see SwitchoverDeps. `record` resolves once a session's outcome is durable. */
export type ContinueSessions = (
  entry: SwitchoverEntry,
  record: (session: SwitchoverSession) => Promise<void>,
) => Promise<void>;

/** What a switchover acts through; `daemon/main.ts` joins it. */
export interface SwitchoverDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Takes the client's locks of these homes, waiting for a refresh in flight with a bound. */
  readonly lockHomes: (
    homes: readonly string[],
  ) => Promise<HomeLocks | { readonly refused: SwitchoverRefusal }>;
  /** Creates missing shared links of a home; refuses divergent ones. Called before and after the flip. */
  readonly ensureLinks: (home: string) => Promise<CheckResult>;
  /** Whether the home is logged in as configured, from a cache: it is called while the locks are held. */
  readonly checkIdentity: (home: string) => Promise<CheckResult>;
  /**
   * Brings along what sessions of the slot will read in the new home, before the flip; never rejects:
   * what could not be brought is asked for again by a client, which is better than no switchover.
   */
  readonly bringAlong?: ((places: SlotMove) => Promise<void>) | undefined;
  /**
   * Continues the entry's `pending` sessions (and may add others with `record`), and records each
   * outcome as soon as it is known. May be called again for the same entry after a crash: ask the
   * transcript first, so that nothing is said twice. Stops early when the daemon does.
   */
  readonly continueSessions: ContinueSessions;
  /** Told before and after every effect; for narration, and for tests that kill here. */
  readonly onStep?: ((step: StepName, phase: StepPhase) => void | Promise<void>) | undefined;
  /** Aborted when the daemon stops: nothing is begun any more. */
  readonly signal?: AbortSignal | undefined;
  readonly fs?: SlotFs | undefined;
  /** The homes of all accounts: the times of their logins must differ. */
  readonly homes?: readonly string[] | undefined;
  /** How long verifying may take while the locks are held, in milliseconds; default 2000. */
  readonly verifyBoundMs?: number | undefined;
}

export function slotFsOf(deps: Pick<SwitchoverDeps, "fs">): SlotFs {
  return deps.fs ?? nodeSlotFs;
}

/** Homes that can be locked: one on a vanished mount has no lock and no refresh either. */
export function reachable(homes: readonly string[], fs: SlotFs): readonly string[] {
  return homes.filter((home) => {
    try {
      return fs.isDirectory(home);
    } catch {
      return false;
    }
  });
}

/** Runs `work`; what it throws becomes a refusal, so that what was begun is always undone. */
export async function attempt<T>(
  work: () => Promise<T> | T,
  signal?: AbortSignal,
): Promise<T | { readonly refused: SwitchoverRefusal }> {
  try {
    return await work();
  } catch (thrown) {
    if (signal?.aborted === true) return { refused: stoppedRefusal() };
    return { refused: refusalOf(asFailoverError(thrown)) };
  }
}

export function stoppedRefusal(): SwitchoverRefusal {
  return refusalOf(new FailoverError("CF_SWITCHOVER_STOPPED", "The daemon is stopping."));
}
