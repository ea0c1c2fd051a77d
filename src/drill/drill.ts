import type { Clock } from "../clock.ts";
import { asFailoverError } from "../errors.ts";
import type { Verdict } from "../policy/strategy.ts";
import type { RoundKind } from "./rehearsal-checks.ts";
import { rehearse } from "./rehearsal.ts";
import type { Shape } from "./shape.ts";
import { judge, type Phase } from "./verdict.ts";
import type { DrillClient } from "./world.ts";

export interface DrillOptions {
  readonly clock: Clock;
  readonly client: DrillClient;
  /** Of the client. */
  readonly version: string;
  readonly path: string;
  readonly shape: Shape;
  readonly write: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What one drill proved of one client. */
export interface DrillReport {
  readonly version: string;
  readonly verdict: Verdict;
  readonly why: string | null;
  readonly sessions: number;
  /** RFC 3339. */
  readonly at: string;
  readonly tookMs: number;
  readonly phases: readonly Phase[];
}

const HOT: readonly RoundKind[] = ["fleet", "equalTimes", "weekly", "single", "fleet"];
const RELAUNCH: readonly RoundKind[] = ["fleet", "single"];
/** Nobody waits for a reset: on a busy machine a short limit would be over before it is told. */
const LIMIT_SECONDS = 7_200;

/**
 * Rehearses both ways of moving with one client: hot, with everything that may go wrong at a flip,
 * and by relaunch. Takes about a minute. Throws only the reason of `signal`.
 */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const { clock, version, shape } = options;
  const beganAt = clock.monotonic();
  const at = new Date(clock.now()).toISOString();
  const hot = await phase("hot", options);
  const phases = [hot, await phase("relaunch", options)];
  const tookMs = Math.round(clock.monotonic() - beganAt);
  return { version, ...judge(phases), sessions: shape.sessions, at, tookMs, phases };
}

async function phase(
  strategy: Phase["strategy"],
  { clock, client, version, path, shape, write, signal }: DrillOptions,
): Promise<Phase> {
  const rounds = strategy === "hot" ? HOT : RELAUNCH;
  // One for each round, the one before them, and one for the refresh.
  const accounts = Math.max(shape.accounts, rounds.length + 2);
  write(`${strategy}: ${shape.sessions} sessions, ${accounts} made-up accounts\n`);
  try {
    const report = await rehearse({
      clock,
      client,
      path,
      agent: `Claude Code ${version}`,
      write,
      rounds,
      ...(strategy === "hot" ? { killBefore: rounds.length - 1, refresh: true } : {}),
      strategy,
      shape,
      accounts,
      limitSeconds: LIMIT_SECONDS,
      signal,
    });
    return { strategy, report, error: null };
  } catch (thrown) {
    signal.throwIfAborted();
    return { strategy, report: null, error: asFailoverError(thrown).message };
  }
}
