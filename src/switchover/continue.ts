import { asFailoverError } from "../errors.ts";
import type { SwitchoverEntry } from "../store/switchovers.ts";
import type { ContinueSessions, SwitchoverDeps } from "./deps.ts";
import type { Journal } from "./journal.ts";

/** The sessions that an interrupted switchover has not continued yet, or not proven. */
export function pendingSessions(entry: SwitchoverEntry): readonly string[] {
  return entry.sessions.filter(({ outcome }) => outcome === "pending").map(({ name }) => name);
}

/** The intent of `continueAndCommit`; what recovers finds the sessions that are still to be continued. */
export function beginContinuing(journal: Journal): void {
  journal.commit({ stage: "continuing", begin: "continue" });
}

/**
 * Continues the sessions of a verified switchover and commits it, after `beginContinuing`. A session nobody gave an outcome
 * is reported as `unproven`. When the daemon stops meanwhile the entry stays at `continuing`, and
 * the signal's reason is thrown: the next start goes on.
 */
export async function continueAndCommit(
  journal: Journal,
  deps: Omit<SwitchoverDeps, "continueSessions"> & { readonly continueSessions: ContinueSessions },
): Promise<SwitchoverEntry> {
  const { store, continueSessions, onStep, signal } = deps;
  await onStep?.("continue", "intent");
  let failed: string | null = null;
  try {
    await continueSessions(journal.entry(), async (session) =>
      store.together(() => journal.session(session)),
    );
  } catch (thrown) {
    signal?.throwIfAborted();
    failed = asFailoverError(thrown).message;
  }
  await onStep?.("continue", "effect");
  const left = journal.entry().sessions.filter(({ outcome }) => outcome === "pending");
  if (left.length > 0) signal?.throwIfAborted();
  journal.commit({
    ended: { outcome: failed === null ? "done" : "failed", detail: failed },
    stage: "committed",
    also: () => left.forEach((session) => journal.session({ ...session, outcome: "unproven" })),
  });
  await onStep?.("continue", "done");
  return journal.entry();
}
