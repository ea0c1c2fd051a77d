import type { Config, Strategy } from "../config/config.ts";
import { workerIndexes, workerName } from "../config/workers.ts";
import type { SessionKind } from "../policy/model.ts";
import { SHARED_SLOT } from "../policy/slot.ts";

/** A session that the configuration asks for. */
export interface WantedSession {
  readonly name: string;
  readonly kind: Exclude<SessionKind, "adopted">;
  readonly cwd: string;
  /** The client's arguments: those of every session, then its own. */
  readonly args: readonly string[];
  /** The conversation it must carry, or null when we choose one. */
  readonly sessionId: string | null;
  readonly strategy: Strategy;
  /** The name of the slot that its client is started with. */
  readonly slot: string;
}

/**
 * Every session the configuration asks for: the dedicated ones, then the pool's least number, and
 * those of the pool beyond it whose index, counted from its first one, is in `extra`.
 */
export function wantedSessions(config: Config, extra: readonly number[] = []): WantedSession[] {
  const { dedicated, pool, strategy } = config.sessions;
  const own = dedicated.map((session) => ({
    name: session.name,
    kind: "dedicated" as const,
    cwd: session.cwd,
    args: [...config.claude.args, ...session.args],
    sessionId: session.sessionId,
    strategy: session.strategy,
    slot: session.slot,
  }));
  if (pool === null) return own;
  const workers = workerIndexes(pool, extra).map((index) => ({
    name: workerName(pool, index),
    kind: "pool" as const,
    cwd: pool.cwd,
    args: config.claude.args,
    sessionId: null,
    strategy,
    slot: SHARED_SLOT,
  }));
  return [...own, ...workers];
}
