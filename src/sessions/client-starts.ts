import { within, type Clock } from "../clock.ts";

/** A client's own word that it is up: its SessionStart hook. */
export interface ClientStart {
  readonly session: string;
  readonly sessionId: string;
  /** `startup`, `resume`, `clear`, `compact` or `fork`. */
  readonly source: string;
}

/** Calls `listener` for every client that says it is up, until it is disposed of. */
export type OnClientStart = (listener: (start: ClientStart) => void) => Disposable;

/**
 * Listens for the next start of `session`, from now on: begin before the client is started. `within`
 * resolves with null when it did not come within `ms` milliseconds.
 */
export function nextStart(
  session: string,
  onClientStart: OnClientStart,
): Disposable & { within(ms: number, clock: Clock): Promise<ClientStart | null> } {
  const { promise, resolve } = Promise.withResolvers<ClientStart>();
  const subscription = onClientStart((start) => {
    if (start.session === session) resolve(start);
  });
  return {
    within: async (ms, clock) => within(promise, ms, clock),
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  };
}
