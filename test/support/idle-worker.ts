import type { SessionFacts } from "../../src/dispatch/ports.ts";

/** A worker of the pool that waits for a task in `cwd`. */
export function idleWorker(cwd: string, changes: Partial<SessionFacts> = {}): SessionFacts {
  return {
    name: "w-1",
    kind: "pool",
    state: "idle",
    held: false,
    draining: false,
    refused: null,
    startedAt: 0,
    promptedAt: 0,
    cwd,
    sessionId: "s1",
    isFresh: () => true,
    ...changes,
  };
}
