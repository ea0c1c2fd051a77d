import { FailoverError } from "../errors.ts";

/** Ctrl-C and its kin as a wish to stop between two files. */
export interface StopWish extends Disposable {
  readonly signal: AbortSignal;
  /** To be told of every step: listens only while there is something to go on with afterwards. */
  readonly onStep: (step: string) => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first signal stops an adoption or an undo at the next file, the second one ends the process at
 * once. Both leave a state that is gone on with. Before the first durable step a signal just ends it.
 *
 * @param options `tell` says on the first signal that it was heard; `hint` how to go on.
 */
export function stopWish(options: { tell: () => void; hint: string }): StopWish {
  const { tell, hint } = options;
  const stop = new AbortController();
  const heard = (): void => {
    deaf();
    tell();
    const message = "It was stopped before it was done; nothing is lost.";
    stop.abort(new FailoverError("CF_ACCOUNT_ADOPT_STOPPED", message, { hint }));
  };
  const deaf = (): void => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
  return {
    signal: stop.signal,
    onStep: (step) => {
      if (step === "begun" || step === "undoBegun")
        for (const signal of SIGNALS) process.on(signal, heard);
      // An undo knows no signal; between two changes nothing is half done.
      if (step === "unchanged") stop.signal.throwIfAborted();
    },
    [Symbol.dispose]: deaf,
  };
}
