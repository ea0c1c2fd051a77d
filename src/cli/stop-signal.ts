const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A signal that is aborted, with `reason` where one is given, by the first of Ctrl-C and its kin; a
 * second one ends the process at once. Disposed of, it leaves them to the process again.
 */
export function stopOnSignal(reason?: () => Error): Disposable & { readonly signal: AbortSignal } {
  const stop = new AbortController();
  const heard = (): void => {
    deaf();
    stop.abort(reason?.());
  };
  const deaf = (): void => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  return { signal: stop.signal, [Symbol.dispose]: deaf };
}
