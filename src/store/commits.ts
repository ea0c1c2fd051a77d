import { turnOfLoop } from "../clock.ts";
import { atomically, type Connection } from "./statement.ts";

export interface Commits {
  /** Runs `work` in one durable transaction; what it throws undoes all of it. May be nested. */
  transaction<T>(work: () => T): T;
  /**
   * Runs `work` in one durable commit with all else that is asked for in this turn of the event loop:
   * what a disk can sync a second bounds commits, not what is in them. Resolves once it is durable.
   * Rejects with what `work` throws, which undoes that alone, or with the fault of the commit.
   */
  together<T>(work: () => T): Promise<T>;
  /**
   * Runs `work`, which must not throw, once what the transaction under way writes is durable: never
   * if it is undone, and at once where none is.
   */
  whenDurable(work: () => void): void;
  /** Commits what waits for the end of this turn. */
  flush(): void;
}

interface Waiting {
  /** Runs the work; returns how to tell the outcome. */
  readonly run: () => () => void;
  readonly fail: (thrown: unknown) => void;
}

export function commitsOf(db: Connection): Commits {
  let depth = 0;
  /** What is due once the transaction under way is durable. */
  const due: (() => void)[] = [];
  let waiting: Waiting[] = [];

  const transaction = <T>(work: () => T): T => {
    const before = due.length;
    depth += 1;
    let result: T;
    try {
      result = atomically(db, work);
    } catch (thrown) {
      due.length = before;
      throw thrown;
    } finally {
      depth -= 1;
    }
    if (depth === 0) for (const each of due.splice(0)) each();
    return result;
  };
  const flush = (): void => {
    const all = waiting;
    waiting = [];
    if (all.length === 0) return;
    let outcomes: (() => void)[];
    try {
      outcomes = transaction(() => all.map(({ run }) => run()));
    } catch (thrown) {
      outcomes = all.map(
        ({ fail }) =>
          () =>
            fail(thrown),
      );
    }
    for (const tell of outcomes) tell();
  };
  return {
    transaction,
    flush,
    whenDurable: (work) => {
      if (depth === 0) work();
      else due.push(work);
    },
    together: async (work) => {
      const told = Promise.withResolvers<ReturnType<typeof work>>();
      const run = (): (() => void) => {
        try {
          const value = transaction(work);
          return () => told.resolve(value);
        } catch (thrown) {
          return () => told.reject(thrown);
        }
      };
      waiting.push({ run, fail: told.reject });
      if (waiting.length === 1) void turnOfLoop().then(flush);
      return told.promise;
    },
  };
}
